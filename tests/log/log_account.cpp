#include "tests/log/log_account.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/log/producer_state.hpp"
#include "core/record/record_reader.hpp"

namespace barnabas::log {

namespace {

using Kind = TwinBatch::Kind;

Kind kind_of(const record::BatchHeader& header, const Buffer& batch) {
  if (!header.is_control()) return header.is_transactional() ? Kind::transactional : Kind::plain;
  const auto marker = read_marker(batch.view());
  EXPECT_TRUE(marker.has_value());
  return *marker && (*marker)->committed ? Kind::commit : Kind::abort;
}

std::vector<TwinRecord> records_of(const std::vector<TwinBatch>& batches) {
  std::vector<TwinRecord> all;
  for (const TwinBatch& batch : batches) {
    if (!batch.is_marker()) all.insert(all.end(), batch.records.begin(), batch.records.end());
  }
  return all;
}

// What a reader of these records knows in the end.
std::map<std::string, std::string> replayed(const std::vector<TwinRecord>& records) {
  std::map<std::string, std::string> state;
  for (const TwinRecord& record : records) {
    if (record.value) {
      state[record.key] = *record.value;
    } else {
      state.erase(record.key);
    }
  }
  return state;
}

std::map<std::string, std::int64_t> last_offsets(const std::vector<TwinRecord>& records) {
  std::map<std::string, std::int64_t> last;
  for (const TwinRecord& record : records) last[record.key] = record.offset;
  return last;
}

// Producer -> the batch of data that it wrote last.
std::map<std::int64_t, const TwinBatch*> last_of_producers(const std::vector<TwinBatch>& batches) {
  std::map<std::int64_t, const TwinBatch*> last;
  for (const TwinBatch& batch : batches) {
    if (batch.producer >= 0 && !batch.is_marker()) last[batch.producer] = &batch;
  }
  return last;
}

const TwinBatch* ending_at(const std::vector<TwinBatch>& batches, std::int64_t last) {
  const auto found = std::ranges::find(batches, last, &TwinBatch::last);
  return found == batches.end() ? nullptr : &*found;
}

// The marker that ended the transaction of a batch.
const TwinBatch* marker_of(const std::vector<TwinBatch>& batches, const TwinBatch& data) {
  const auto ends = [&](const TwinBatch& b) {
    return b.base > data.last && b.is_marker() && b.producer == data.producer && !b.records.empty();
  };
  const auto found = std::ranges::find_if(batches, ends);
  return found == batches.end() ? nullptr : &*found;
}

std::string record_appeared_or_went(const std::vector<TwinRecord>& before, const std::vector<TwinRecord>& after,
                                    std::int64_t limit) {
  auto at = before.begin();
  for (const TwinRecord& record : after) {
    at = std::find(at, before.end(), record);
    if (at == before.end()) return "a record appeared or moved at offset " + std::to_string(record.offset);
    ++at;
  }
  for (const TwinRecord& record : before) {
    if (record.offset < limit || std::ranges::find(after, record) != after.end()) continue;
    return "the record at offset " + std::to_string(record.offset) + " is gone, at or above " + std::to_string(limit);
  }
  return "";
}

std::string lost_marks(const std::vector<TwinBatch>& before, const std::vector<TwinBatch>& after,
                       const std::vector<TwinRecord>& seen_before, const std::vector<TwinRecord>& seen_after) {
  if (last_offsets(seen_before) != last_offsets(seen_after)) return "a young tombstone is gone";
  for (const TwinBatch& batch : before) {
    if (!batch.is_marker() || batch.records.empty()) continue;
    const TwinBatch* there = ending_at(after, batch.last);
    if (there == nullptr || there->records.empty()) return "a young marker is gone";
  }
  return "";
}

}  // namespace

TwinBatch account_of(const Buffer& batch) {
  const auto header = record::parse_batch_header(batch.view()).value();
  TwinBatch result;
  result.base = header.base_offset.value();
  result.last = header.last_offset().value();
  result.producer = header.producer_id.value();
  if (header.has_producer() && !header.is_control()) result.last_sequence = header.last_sequence();
  result.kind = kind_of(header, batch);
  const auto walked = record::for_each_record(batch.view(), [&](const record::RecordView& record) {
    TwinRecord& kept = result.records.emplace_back();
    kept.offset = record.offset.value();
    kept.key = as_text(record.key.value_or(ByteView()));
    if (record.value) kept.value = as_text(*record.value);
  });
  EXPECT_TRUE(walked.has_value());
  return result;
}

std::map<std::int64_t, std::int64_t> open_transactions(const std::vector<TwinBatch>& batches) {
  std::map<std::int64_t, std::int64_t> open;
  for (const TwinBatch& batch : batches) {
    if (batch.kind == Kind::transactional) open.try_emplace(batch.producer, batch.base);
    if (batch.is_marker()) open.erase(batch.producer);
  }
  return open;
}

std::vector<TwinRecord> committed_records(const std::vector<TwinBatch>& batches, std::int64_t end) {
  std::vector<TwinRecord> seen;
  for (const TwinBatch& batch : batches) {
    if (batch.base >= end || batch.is_marker()) continue;
    if (batch.kind == Kind::transactional) {
      const TwinBatch* marker = marker_of(batches, batch);
      if (marker == nullptr || marker->kind == Kind::abort) continue;
    }
    seen.insert(seen.end(), batch.records.begin(), batch.records.end());
  }
  return seen;
}

std::vector<TwinRecord> filtered_records(const std::vector<TwinBatch>& batches, std::int64_t end,
                                         const std::vector<AbortedTransaction>& aborted) {
  std::vector<TwinRecord> seen;
  std::set<std::int64_t> begun;  // By their markers.
  std::set<std::int64_t> current;
  for (const TwinBatch& batch : batches) {
    if (batch.base >= end) break;
    for (const AbortedTransaction& transaction : aborted) {
      const bool begins = transaction.first_offset.value() <= batch.last;
      if (begins && begun.insert(transaction.last_offset.value()).second) {
        current.insert(transaction.producer_id.value());
      }
    }
    if (batch.kind == Kind::abort) current.erase(batch.producer);
    if (batch.is_marker() || (batch.kind == Kind::transactional && current.contains(batch.producer))) continue;
    seen.insert(seen.end(), batch.records.begin(), batch.records.end());
  }
  return seen;
}

std::string not_compaction_of(const std::vector<TwinBatch>& before, const std::vector<TwinBatch>& after,
                              std::int64_t limit, bool keeps_marks) {
  const std::int64_t old_last = before.empty() ? -1 : before.back().last;
  const std::int64_t new_last = after.empty() ? -1 : after.back().last;
  if (old_last != new_last) return "the last offset is " + std::to_string(new_last);
  if (auto wrong = record_appeared_or_went(records_of(before), records_of(after), limit); !wrong.empty()) return wrong;
  const auto seen_before = committed_records(before, old_last + 1);
  const auto seen_after = committed_records(after, old_last + 1);
  if (replayed(seen_before) != replayed(seen_after)) return "the last values of the keys differ";
  return keeps_marks ? lost_marks(before, after, seen_before, seen_after) : "";
}

std::string lost_of_producers(const std::vector<TwinBatch>& before, const std::vector<TwinBatch>& after) {
  for (const TwinBatch& batch : after) {
    if (batch.kind != Kind::transactional || batch.records.empty()) continue;
    const TwinBatch* marker = marker_of(before, batch);
    if (marker == nullptr) continue;
    const TwinBatch* there = ending_at(after, marker->last);
    if (there != nullptr && there->kind == marker->kind && !there->records.empty()) continue;
    return "the marker at offset " + std::to_string(marker->last) + " is gone, its data at " +
           std::to_string(batch.base) + " is there";
  }
  for (const auto& [producer, batch] : last_of_producers(before)) {
    const TwinBatch* there = ending_at(after, batch->last);
    if (there != nullptr && there->last_sequence == batch->last_sequence) continue;
    return "the last batch of producer " + std::to_string(producer) + " is gone";
  }
  return "";
}

}  // namespace barnabas::log
