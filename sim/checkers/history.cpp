#include "sim/checkers/history.hpp"

#include <algorithm>

namespace barnabas::sim {

std::int64_t sure_end(const LogImage& image) {
  std::int64_t end = image.start();
  for (const LoggedBatch& batch : image.batches) {
    if (batch.base_offset != end) break;
    end = batch.last_offset + 1;
  }
  return end;
}

namespace {

constexpr const char* kOffsetsTopic = "__consumer_offsets";

// The end of what is sure to survive without a gap.
std::int64_t durable_end(const CrashReport& crash, const TopicPartition& partition) {
  const auto image = crash.durable.find(partition);
  if (image == crash.durable.end()) return 0;
  std::int64_t end = 0;
  for (const LoggedBatch& batch : image->second.batches) {
    if (batch.base_offset != end) break;
    end = batch.last_offset + 1;
  }
  return end;
}

}  // namespace

void History::excuse(const Scenario& scenario, const CrashReport& crash) {
  // The dead broker's connections died with it: what it did not answer takes no effect any more.
  for (auto& [key, commits] : committed) commits.lowest_unknown = kNowhere;
  if (!crash.power_cut) return;
  auto& ends = power_cuts.emplace_back();
  for (const auto& [partition, log] : crash.written) {
    if (!scenario.flushes_each_batch(partition.topic)) ends[partition] = durable_end(crash, partition);
  }
  for (ProducedRecord& record : produced) {
    if (scenario.flushes_each_batch(record.partition.topic)) continue;
    if (record.state == ProducedRecord::State::rejected) continue;
    record.may_be_lost_from = std::min(record.may_be_lost_from, durable_end(crash, record.partition));
  }
  for (ReadRecord& record : read) {
    if (scenario.flushes_each_batch(record.partition.topic)) continue;
    record.may_be_lost = record.may_be_lost || record.offset >= durable_end(crash, record.partition);
  }
  if (!scenario.flushes_each_batch(kOffsetsTopic)) {
    for (auto& [key, commits] : committed) commits.acknowledged = -1;
  }
}

void History::excuse_from(const TopicPartition& partition, std::int64_t offset) {
  for (ProducedRecord& record : produced) {
    if (record.partition == partition) record.may_be_lost_from = std::min(record.may_be_lost_from, offset);
  }
  for (ReadRecord& record : read) {
    if (record.partition == partition && record.offset >= offset) record.may_be_lost = true;
  }
  if (partition.topic == kOffsetsTopic) {
    for (auto& [key, commits] : committed) commits.acknowledged = -1;
  }
}

void History::note_read(ReadRecord record, std::size_t cuts_before) {
  for (std::size_t i = cuts_before; i < power_cuts.size(); ++i) {
    const auto end = power_cuts[i].find(record.partition);
    if (end != power_cuts[i].end() && record.offset >= end->second) record.may_be_lost = true;
  }
  if (on_read) on_read(record.partition, record.offset);
  read.push_back(std::move(record));
}

}  // namespace barnabas::sim
