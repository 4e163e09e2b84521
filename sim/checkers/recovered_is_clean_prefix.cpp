#include "sim/checkers/recovered_is_clean_prefix.hpp"

#include <algorithm>
#include <set>

namespace barnabas::sim {
namespace {

const LogImage& image_of(const LogImages& images, const TopicPartition& partition) {
  static const LogImage kEmpty;
  const auto it = images.find(partition);
  return it == images.end() ? kEmpty : it->second;
}

}  // namespace

void RecoveredIsCleanPrefix::recovered(const std::string& node, const LogImages& logs) {
  const auto crash = last_crash_.extract(node);
  if (crash.empty()) return;
  for (const auto& [partition, written] : crash.mapped().written) {
    compare(partition, crash.mapped(), image_of(logs, partition));
  }
}

void RecoveredIsCleanPrefix::compare(const TopicPartition& partition, const CrashReport& crash, LogImage now) {
  LogImage written = image_of(crash.written, partition);
  LogImage durable = image_of(crash.durable, partition);
  if (!now.problem.empty()) return complain("recovery left what is no batch: " + now.problem);
  if (scenario_.compacts(partition.topic)) return;  // compacted_keeps_last says what must be left.
  if (scenario_.deletes(partition.topic)) {
    // A deletion may have been under way, and a power cut may have undone it.
    const std::int64_t start = std::max(now.start(), written.start());
    for (LogImage* image : {&written, &durable, &now}) {
      std::erase_if(image->batches, [&](const LoggedBatch& batch) { return batch.last_offset < start; });
    }
  }
  std::size_t common = 0;
  while (common < now.batches.size() && common < written.batches.size() &&
         now.batches[common].hash == written.batches[common].hash) {
    ++common;
  }
  std::set<std::uint64_t> dropped;
  for (std::size_t i = common; i < written.batches.size(); ++i) dropped.insert(written.batches[i].hash);
  for (std::size_t i = common; i < now.batches.size(); ++i) {
    if (!dropped.contains(now.batches[i].hash)) continue;
    return complain(partition.to_string() + ": the batch at offset " + std::to_string(now.batches[i].base_offset) +
                    " was kept though one before it was not");
  }
  // What was synced is a prefix of what was written, up to where it has no gap.
  std::size_t synced = 0;
  while (synced < durable.batches.size() && synced < written.batches.size() &&
         durable.batches[synced].hash == written.batches[synced].hash) {
    ++synced;
  }
  if (common < synced) {
    complain(partition.to_string() + ": the batch at offset " + std::to_string(written.batches[common].base_offset) +
             " was synced and is gone");
  }
}

}  // namespace barnabas::sim
