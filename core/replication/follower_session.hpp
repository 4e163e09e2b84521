// A follower's side of a fetch session (KIP-227): what its leader remembers already need not be said again. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/uuid.hpp"
#include "core/protocol/messages/01_fetch.hpp"

namespace barnabas::replication {

// What is asked of one partition.
struct FetchState {
  Uuid topic_id;
  LeaderEpoch leader_epoch;
  Offset offset;
  LeaderEpoch last_epoch = kNoLeaderEpoch;
  Offset log_start{0};
  Offset high_watermark{0};
  std::int32_t max_bytes = 0;
  bool operator==(const FetchState&) const = default;
};

class FollowerSession {
 public:
  // Holds from the next request on.
  void put(const TopicPartition& id, const FetchState& state);
  void drop(const TopicPartition& id);
  // Begins again: the next request says everything.
  void reset();

  bool empty() const { return wanted_.empty(); }
  // Every one that is wanted has a topic id.
  bool has_ids() const { return without_id_ == 0; }
  // What the request under way, or the last one, asked of it; null: nothing.
  const FetchState* asked(const TopicPartition& id) const;
  const std::map<TopicPartition, FetchState>& wanted() const { return wanted_; }
  // The name of a topic in an answer; null: it was not asked for.
  const std::string* name_of(const Uuid& topic_id) const;

  // Session and partitions of the next request. by_id: as the version that is sent names topics.
  void fill(protocol::FetchRequest& request, bool by_id);
  // False: the leader does not know the session (any more): say everything once more. Errors of the whole answer that
  // are not about the session leave it as it is.
  bool accept(const protocol::FetchResponse& response);

 private:
  void count_ids(const FetchState& state, int by) { without_id_ += state.topic_id.is_zero() ? by : 0; }

  std::int32_t id_ = 0;
  std::int32_t epoch_ = 0;
  bool by_id_ = true;
  int without_id_ = 0;
  std::map<TopicPartition, FetchState> wanted_;
  std::map<TopicPartition, FetchState> asked_;
  std::set<TopicPartition> changed_;  // Where the two differ.
  std::map<Uuid, std::string> names_;
};

}  // namespace barnabas::replication
