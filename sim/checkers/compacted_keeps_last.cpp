#include "sim/checkers/compacted_keeps_last.hpp"

namespace barnabas::sim {
namespace {

// No run takes so long, so that marks of deletions that are kept for longer must all be there at its end.
constexpr std::int64_t kLongerThanAnyRunMs = 24LL * 3600 * 1000;
// As many acknowledged records for each key on the average that compaction must have removed some.
constexpr std::int64_t kManyOfEachKey = 20;

}  // namespace

void CompactedKeepsLast::recovered(const std::string&, const LogImages& logs) {
  for (const auto& [partition, log] : logs) {
    if (scenario_.compacts(partition.topic)) check(partition, log);
  }
}

void CompactedKeepsLast::quiescent(const LogImages& logs) {
  recovered("", logs);
  for (const auto& [partition, log] : logs) {
    if (scenario_.compacts(partition.topic)) check_progress(partition, log, last_of_keys(partition));
  }
}

CompactedKeepsLast::Keys CompactedKeepsLast::last_of_keys(const TopicPartition& partition) const {
  Keys keys;
  for (const ProducedRecord& record : history_.produced) {
    if (record.partition != partition) continue;
    Last& last = keys[record.key];
    if (!record.must_be_there()) {
      last.may_be_deleted |= record.tombstone && record.state == ProducedRecord::State::sent;
      continue;
    }
    ++last.count;
    if (last.record == nullptr || last.record->offset < record.offset) last.record = &record;
  }
  std::erase_if(keys, [](const auto& key) { return key.second.record == nullptr; });
  return keys;
}

void CompactedKeepsLast::check(const TopicPartition& partition, const LogImage& log) {
  if (!log.problem.empty()) return complain(log.problem);
  std::map<std::string_view, const LoggedRecord*> present;
  for (const LoggedBatch& batch : log.batches) {
    for (const LoggedRecord& record : batch.records) present[record.key] = &record;
  }
  for (const auto& [key, last] : last_of_keys(partition)) {
    const auto found = present.find(key);
    check_key(partition, last, found == present.end() ? nullptr : found->second);
  }
  std::map<std::int64_t, const ProducedRecord*> by_offset;
  for (const ProducedRecord& record : history_.produced) {
    if (record.partition == partition && record.must_be_there()) by_offset[record.offset] = &record;
  }
  for (const LoggedBatch& batch : log.batches) {
    for (const LoggedRecord& record : batch.records) {
      const auto produced = by_offset.find(record.offset);
      if (produced == by_offset.end()) continue;  // Never answered.
      if (produced->second->key == record.key && produced->second->value == record.value) continue;
      return complain(partition.to_string() + " offset " + std::to_string(record.offset) + ": another record is there");
    }
  }
}

bool CompactedKeepsLast::tombstones_stay(const TopicPartition& partition) const {
  const TopicSpec* topic = scenario_.find_topic(partition.topic);
  const auto retention = topic->config.find("delete.retention.ms");
  return retention == topic->config.end() || std::stoll(retention->second) >= kLongerThanAnyRunMs;
}

void CompactedKeepsLast::check_key(const TopicPartition& partition, const Last& last, const LoggedRecord* found) {
  const ProducedRecord& wanted = *last.record;
  const std::string where = partition.to_string() + " offset " + std::to_string(wanted.offset) + ", key " + wanted.key;
  if (found == nullptr) {
    if ((wanted.tombstone || last.may_be_deleted) && !tombstones_stay(partition)) return;
    return complain("the last record of its key is gone: " + where);
  }
  if (found->offset < wanted.offset) return complain("an older record is the last of its key: " + where);
  if (found->offset > wanted.offset) return;  // One that was never answered.
  if (found->tombstone != wanted.tombstone || found->value != wanted.value) {
    complain("the last record of its key is another: " + where);
  }
}

void CompactedKeepsLast::check_progress(const TopicPartition& partition, const LogImage& log, const Keys& keys) {
  std::int64_t acknowledged = 0;
  for (const auto& [key, last] : keys) acknowledged += last.count;
  std::int64_t left = 0;
  for (const LoggedBatch& batch : log.batches) left += static_cast<std::int64_t>(batch.records.size());
  if (keys.empty() || acknowledged < kManyOfEachKey * static_cast<std::int64_t>(keys.size())) return;
  if (left >= acknowledged) complain(partition.to_string() + ": nothing was compacted");
}

}  // namespace barnabas::sim
