// How far the replicas of a partition have forgotten its records, as their fetches tell: DeleteRecords waits for the
// slowest of those that live.
#pragma once

#include <algorithm>
#include <map>
#include <string_view>

#include "core/async/event.hpp"
#include "core/base/ids.hpp"
#include "core/metadata/cluster_image.hpp"

namespace barnabas::broker {

class LowWatermarks {
 public:
  explicit LowWatermarks(Executor& executor) : changed_(executor) {}

  // A follower's log starts there.
  void note(const TopicPartition& partition, BrokerId replica, Offset log_start) {
    Offset& known = starts_[partition].try_emplace(replica, Offset(-1)).first->second;
    if (known == log_start) return;
    known = log_start;
    changed_.notify_all();
  }
  // The least log start of the live replicas; `own` is this leader's. -1 while one has not told.
  Offset lowest(const metadata::ClusterImage& image, const TopicPartition& partition, BrokerId self, Offset own) const {
    const metadata::PartitionInfo* info = image.partition(partition);
    if (info == nullptr) return own;
    const auto found = starts_.find(partition);
    Offset least = own;
    for (const BrokerId id : info->replicas) {
      if (id == self || image.broker(id) == nullptr) continue;
      const bool told = found != starts_.end() && found->second.contains(id);
      least = std::min(least, told ? found->second.at(id) : Offset(-1));
    }
    return least;
  }
  void forget(std::string_view topic) {
    std::erase_if(starts_, [&](const auto& entry) { return entry.first.topic == topic; });
  }
  Notification& changed() { return changed_; }

 private:
  std::map<TopicPartition, std::map<BrokerId, Offset>> starts_;
  Notification changed_;
};

}  // namespace barnabas::broker
