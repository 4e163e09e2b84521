// Compaction's pure half: the hash and map of keys, transactions, which records survive, what is due.
#include <gtest/gtest.h>

#include <set>

#include "core/base/prng.hpp"
#include "core/log/cleaner/cleaning_plan.hpp"
#include "core/log/cleaner/record_retention.hpp"
#include "core/log/cleaner/throttle.hpp"
#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

using Fate = BatchVerdict::Fate;

constexpr HashSecret kSecret{0x0706050403020100, 0x0f0e0d0c0b0a0908};

TEST(KeyHash, is_siphash_2_4_of_128_bits) {
  // The first vectors of the reference implementation: the key 00 01 .. 0f, the inputs empty, 00, 00 01, ...
  const KeyHash empty = hash_of_key(kSecret, {});
  EXPECT_EQ(empty.low, 0xe6a825ba047f81a3);
  EXPECT_EQ(empty.high, 0x930255c71472f66d);
  const std::byte one[] = {std::byte{0}};
  const KeyHash of_one = hash_of_key(kSecret, one);
  EXPECT_EQ(of_one.low, 0x44af996bd8c187da);
  EXPECT_EQ(of_one.high, 0x45fc229b11597634);
}

TEST(KeyHash, differs_for_inputs_that_end_in_zeros) {
  std::set<std::uint64_t> seen;
  const std::vector<std::byte> zeros(20);
  for (std::size_t size = 0; size <= zeros.size(); ++size) {
    seen.insert(hash_of_key(kSecret, ByteView(zeros).first(size)).low);
  }
  EXPECT_EQ(seen.size(), zeros.size() + 1);
}

TEST(OffsetMap, keeps_the_newest_offset_of_each_key) {
  OffsetMap map(kSecret, 3, 3);
  EXPECT_FALSE(map.find(as_bytes("a")).has_value());
  EXPECT_TRUE(map.put(as_bytes("a"), Offset(0)));
  EXPECT_TRUE(map.put(as_bytes("b"), Offset(1)));
  EXPECT_TRUE(map.put(as_bytes("a"), Offset(5)));
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(map.find(as_bytes("a")), Offset(5));
  EXPECT_EQ(map.find(as_bytes("b")), Offset(1));
  EXPECT_TRUE(map.put(as_bytes("c"), Offset(6)));
  EXPECT_FALSE(map.put(as_bytes("d"), Offset(7)));
  EXPECT_FALSE(map.find(as_bytes("d")).has_value());
}

struct KeyValue {
  std::optional<std::string> key;
  std::optional<std::string> value;
};

Buffer batch_of(Offset base, const std::vector<KeyValue>& records, record::BatchOptions options = {}) {
  options.base_offset = base;
  options.leader_epoch = LeaderEpoch(3);
  record::BatchBuilder builder(options);
  std::int64_t timestamp = 1000;
  for (const KeyValue& record : records) {
    const auto bytes = [](const std::optional<std::string>& text) {
      return text ? std::optional<ByteView>(as_bytes(*text)) : std::nullopt;
    };
    builder.append(Timestamp(timestamp++), bytes(record.key), bytes(record.value));
  }
  return builder.build();
}

record::BatchOptions transactional(std::int64_t id) {
  record::BatchOptions options;
  options.producer_id = ProducerId(id);
  options.producer_epoch = ProducerEpoch(0);
  options.base_sequence = 0;
  options.transactional = true;
  return options;
}

// "offset key=value" for each record.
std::vector<std::string> described(const Buffer& batch) {
  std::vector<std::string> result;
  const auto walked = record::for_each_record(batch.view(), [&](const record::RecordView& record) {
    result.push_back(std::to_string(record.offset.value()) + " " +
                     std::string(as_text(record.key.value_or(ByteView()))) + "=" +
                     (record.value ? std::string(as_text(*record.value)) : "null") + " @" +
                     std::to_string(record.timestamp.value()));
  });
  EXPECT_TRUE(walked.has_value()) << walked.error().to_string();
  return result;
}

// Maps all batches, then judges each of them.
struct Bench {
  std::vector<Buffer> batches;
  std::vector<AbortedTransaction> aborted;
  RetentionTerms terms;
  std::vector<ProducerId> open_at_start;  // As a snapshot tells.

  std::vector<BatchVerdict> judge() {
    OffsetMap map(kSecret, 1000, 1000);
    TransactionTrack mapping(aborted);
    for (const Buffer& batch : batches) {
      EXPECT_TRUE(map_batch(map, mapping, header_of(batch), batch.view(), Offset(0)).value());
    }
    TransactionTrack cleaning(aborted);
    RecordRetention retention(map, cleaning, terms);
    retention.note_open(open_at_start);
    std::vector<BatchVerdict> verdicts;
    for (const Buffer& batch : batches) {
      verdicts.push_back(retention.judge(header_of(batch), batch.view()).value());
    }
    return verdicts;
  }
};

TEST(RecordRetention, keeps_the_last_record_of_each_key) {
  Bench bench;
  bench.batches = {batch_of(Offset(0), {{"a", "1"}, {"b", "1"}}), batch_of(Offset(2), {{"b", "2"}}),
                   batch_of(Offset(3), {{"c", "1"}, {"b", "3"}})};
  const auto verdicts = bench.judge();
  ASSERT_EQ(verdicts[0].fate, Fate::replace);
  EXPECT_EQ(described(verdicts[0].replacement), (std::vector<std::string>{"0 a=1 @1000"}));
  const auto header = header_of(verdicts[0].replacement);
  EXPECT_EQ(header.last_offset(), Offset(1));
  EXPECT_EQ(header.max_timestamp, Timestamp(1000));
  EXPECT_EQ(header.leader_epoch, LeaderEpoch(3));
  EXPECT_TRUE(record::verify_crc(verdicts[0].replacement.view()).has_value());
  EXPECT_EQ(verdicts[1].fate, Fate::drop);
  EXPECT_EQ(verdicts[2].fate, Fate::keep);
}

TEST(RecordRetention, keeps_offsets_headers_and_codec_of_a_thinned_batch) {
  record::BatchOptions options;
  options.codec = record::Codec::lz4;
  Bench bench;
  bench.batches = {batch_of(Offset(10), {{"a", "1"}, {"b", "1"}, {"c", "1"}}, options),
                   batch_of(Offset(13), {{"a", "2"}, {"c", "2"}})};
  const auto verdicts = bench.judge();
  ASSERT_EQ(verdicts[0].fate, Fate::replace);
  EXPECT_EQ(described(verdicts[0].replacement), (std::vector<std::string>{"11 b=1 @1001"}));
  EXPECT_EQ(header_of(verdicts[0].replacement).codec(), record::Codec::lz4);
  EXPECT_EQ(header_of(verdicts[0].replacement).last_offset(), Offset(12));
}

TEST(RecordRetention, drops_records_without_a_key) {
  Bench bench;
  bench.batches = {batch_of(Offset(0), {{std::nullopt, "1"}}), batch_of(Offset(1), {{"a", "1"}})};
  EXPECT_EQ(bench.judge()[0].fate, Fate::drop);
}

TEST(RecordRetention, leaves_alone_what_the_map_does_not_cover) {
  OffsetMap map(kSecret, 10, 10);
  TransactionTrack mapping({});
  const Buffer first = batch_of(Offset(0), {{"a", "1"}});
  const Buffer second = batch_of(Offset(1), {{std::nullopt, "x"}, {"a", std::nullopt}});
  ASSERT_TRUE(map_batch(map, mapping, header_of(first), first.view(), Offset(0)).value());
  TransactionTrack cleaning({});
  RecordRetention retention(map, cleaning, RetentionTerms{});
  EXPECT_EQ(retention.judge(header_of(first), first.view()).value().fate, Fate::keep);
  // But for the horizon that its tombstone gets.
  const BatchVerdict verdict = retention.judge(header_of(second), second.view()).value();
  EXPECT_EQ(verdict.records_kept, 2);
}

TEST(RecordRetention, gives_a_tombstone_a_horizon_and_removes_it_when_that_has_passed) {
  Bench bench;
  bench.terms.now = Timestamp(50'000);
  bench.terms.delete_retention_ms = 10'000;
  bench.batches = {batch_of(Offset(0), {{"a", "1"}}), batch_of(Offset(1), {{"b", "1"}, {"a", std::nullopt}}),
                   batch_of(Offset(3), {{"c", "1"}})};
  auto verdicts = bench.judge();
  EXPECT_EQ(verdicts[0].fate, Fate::drop);
  ASSERT_EQ(verdicts[1].fate, Fate::replace);
  const Buffer dated = verdicts[1].replacement;
  EXPECT_TRUE(header_of(dated).has_delete_horizon());
  EXPECT_EQ(header_of(dated).base_timestamp, Timestamp(60'000));
  EXPECT_EQ(described(dated), (std::vector<std::string>{"1 b=1 @1000", "2 a=null @1001"}));

  bench.batches = {dated, bench.batches[2]};
  bench.terms.now = Timestamp(59'999);
  EXPECT_EQ(bench.judge()[0].fate, Fate::keep);
  bench.terms.now = Timestamp(60'000);
  verdicts = bench.judge();
  ASSERT_EQ(verdicts[0].fate, Fate::replace);
  EXPECT_EQ(described(verdicts[0].replacement), (std::vector<std::string>{"1 b=1 @1000"}));
  EXPECT_EQ(header_of(verdicts[0].replacement).base_timestamp, Timestamp(60'000));
}

TEST(RecordRetention, keeps_the_last_batch_of_a_living_producer_without_its_records) {
  record::BatchOptions options;
  options.producer_id = ProducerId(7);
  options.producer_epoch = ProducerEpoch(2);
  options.base_sequence = 40;
  Bench bench;
  bench.terms.producers[ProducerId(7)] = {Offset(1), ProducerEpoch(2), std::nullopt};
  bench.batches = {batch_of(Offset(0), {{"a", "1"}, {"b", "1"}}, options),
                   batch_of(Offset(2), {{"a", "2"}, {"b", "2"}})};
  auto verdicts = bench.judge();
  ASSERT_EQ(verdicts[0].fate, Fate::replace);
  const auto header = header_of(verdicts[0].replacement);
  EXPECT_EQ(header.record_count, 0);
  EXPECT_EQ(header.last_sequence(), 41);
  EXPECT_EQ(header.last_offset(), Offset(1));
  EXPECT_EQ(verdicts[0].replacement.size(), record::kBatchHeaderSize);
  EXPECT_TRUE(record::verify_crc(verdicts[0].replacement.view()).has_value());

  const Buffer kept = verdicts[0].replacement;
  bench.batches = {kept, bench.batches[1]};
  EXPECT_EQ(bench.judge()[0].fate, Fate::keep);
  bench.terms.producers.clear();
  EXPECT_EQ(bench.judge()[0].fate, Fate::drop);
}

TEST(RecordRetention, counts_producers_below_the_limit_that_are_still_remembered) {
  ProducerState at_limit;
  for (const std::int64_t id : {1, 2, 3}) {
    const Buffer batch = make_batch(Offset(id), 1, 1000, 20, {id, 0, 0}, 0, id == 3);
    ASSERT_TRUE(at_limit.update(header_of(batch), batch.view()).has_value());
  }
  ProducerState now;
  const Buffer later = make_batch(Offset(10), 1, 1000, 20, {1, 0, 1});
  ASSERT_TRUE(now.update(header_of(later), later.view()).has_value());
  const LastOfProducers last = last_of_producers(at_limit, now);
  ASSERT_EQ(last.size(), 2u);
  EXPECT_EQ(last.at(ProducerId(1)).data, Offset(1));
  // Forgotten since, but its transaction was open there.
  EXPECT_EQ(last.at(ProducerId(3)).data, std::nullopt);
  EXPECT_EQ(last.at(ProducerId(3)).transaction_start, Offset(3));
}

TEST(RecordRetention, keeps_the_first_batch_of_a_transaction_that_is_open_at_the_limit) {
  Bench bench;
  bench.terms.producers[ProducerId(1)] = {std::nullopt, ProducerEpoch(0), Offset(0)};
  bench.batches = {batch_of(Offset(0), {{"a", "1"}}, transactional(1)),
                   batch_of(Offset(1), {{"a", "2"}}, transactional(1)), batch_of(Offset(2), {{"a", "3"}})};
  const auto verdicts = bench.judge();
  ASSERT_EQ(verdicts[0].fate, Fate::replace);
  EXPECT_EQ(header_of(verdicts[0].replacement).record_count, 0);
  EXPECT_TRUE(header_of(verdicts[0].replacement).is_transactional());
  EXPECT_EQ(verdicts[1].fate, Fate::drop);
}

TEST(RecordRetention, keeps_a_marker_while_a_snapshot_tells_of_its_transaction_as_open) {
  Bench bench;
  bench.terms.now = Timestamp(50'000);
  bench.batches = {make_marker(Offset(2), {1, 0, -1}, true, 0), make_marker(Offset(4), {1, 0, -1}, true, 0)};
  const auto dated = bench.judge();
  bench.batches = {dated[0].replacement, dated[1].replacement};
  bench.open_at_start = {ProducerId(1)};
  EXPECT_EQ(bench.judge()[0].fate, Fate::keep);
  EXPECT_EQ(bench.judge()[1].fate, Fate::drop);
}

TEST(RecordRetention, emptied_batch_keeps_its_offsets) {
  const Buffer empty = emptied_batch(header_of(batch_of(Offset(3), {{"a", "1"}, {"b", "1"}})));
  EXPECT_EQ(empty.size(), record::kBatchHeaderSize);
  EXPECT_EQ(header_of(empty).record_count, 0);
  EXPECT_EQ(header_of(empty).base_offset, Offset(3));
  EXPECT_EQ(header_of(empty).last_offset(), Offset(4));
  EXPECT_TRUE(record::verify_crc(empty.view()).has_value());
}

TEST(RecordRetention, removes_aborted_data_and_keeps_its_marker_while_there_was_some) {
  Bench bench;
  bench.terms.now = Timestamp(50'000);
  bench.terms.delete_retention_ms = 10'000;
  bench.aborted = {{ProducerId(1), Offset(0), Offset(2), Offset(0)}};
  bench.batches = {batch_of(Offset(0), {{"a", "aborted"}}, transactional(1)),
                   batch_of(Offset(1), {{"a", "kept"}}),
                   make_marker(Offset(2), {1, 0, -1}, false, 0),
                   batch_of(Offset(3), {{"b", "1"}}, transactional(1)),
                   make_marker(Offset(4), {1, 0, -1}, true, 0),
                   batch_of(Offset(5), {{"c", "1"}})};
  auto verdicts = bench.judge();
  EXPECT_EQ(verdicts[0].fate, Fate::drop);
  EXPECT_EQ(verdicts[1].fate, Fate::keep);
  EXPECT_EQ(verdicts[2].fate, Fate::keep);  // Its data was there: a reader of the old segment may still need it.
  EXPECT_EQ(verdicts[3].fate, Fate::keep);
  EXPECT_EQ(verdicts[4].fate, Fate::keep);

  // The next pass finds no data before the marker, and dates it; the one after the horizon removes it.
  bench.batches.erase(bench.batches.begin());
  verdicts = bench.judge();
  ASSERT_EQ(verdicts[1].fate, Fate::replace);
  const Buffer dated = verdicts[1].replacement;
  EXPECT_TRUE(header_of(dated).has_delete_horizon());
  EXPECT_TRUE(read_marker(dated.view()).value().has_value());
  bench.batches[1] = dated;
  EXPECT_EQ(bench.judge()[1].fate, Fate::keep);
  bench.terms.now = Timestamp(60'000);
  EXPECT_EQ(bench.judge()[1].fate, Fate::drop);
}

TEST(RecordRetention, refuses_a_batch_with_impossible_offsets) {
  Bench bench;
  Buffer batch = batch_of(Offset(0), {{"a", "1"}, {"b", "2"}});
  auto header = header_of(batch);
  header.last_offset_delta = 0;
  record::store_batch_header(batch.mutable_view(), header);
  OffsetMap map(kSecret, 10, 10);
  TransactionTrack track({});
  RecordRetention retention(map, track, RetentionTerms{});
  EXPECT_EQ(retention.judge(header_of(batch), batch.view()).error().code, Errc::corrupt);
}

TEST(TransactionTrack, tells_a_finished_transaction_of_a_producer_from_its_next) {
  TransactionTrack track({{ProducerId(1), Offset(0), Offset(1), Offset(0)}});
  const Buffer aborted = batch_of(Offset(0), {{"a", "1"}}, transactional(1));
  const Buffer abort = make_marker(Offset(1), {1, 0, -1}, false, 0);
  const Buffer committed = batch_of(Offset(2), {{"a", "2"}}, transactional(1));
  EXPECT_TRUE(track.note_data(header_of(aborted)));
  EXPECT_FALSE(track.note_marker(header_of(abort), abort.view()).value());
  EXPECT_EQ(track.take_kept().size(), 1u);
  EXPECT_FALSE(track.note_data(header_of(committed)));
}

SegmentFacts facts(std::int64_t base, std::int64_t end, std::uint64_t size, std::int64_t timestamp = 0) {
  return {Offset(base), Offset(end), size, Timestamp(timestamp), Timestamp(timestamp), 1, 1};
}

struct Planned {
  std::vector<SegmentFacts> closed = {facts(0, 10, 100, 1000), facts(10, 20, 100, 2000), facts(20, 30, 100, 3000)};
  LogFacts log;
  LogConfig config;
  Planned() {
    log.active_base = Offset(30);
    log.log_end = Offset(35);
    log.stable_end = Offset(35);
    log.now = Timestamp(10'000);
  }
  CleaningPlan plan() {
    log.closed = closed;
    return plan_cleaning(log, config);
  }
};

TEST(CleaningPlan, never_reaches_what_is_active_or_undecided_or_young) {
  Planned planned;
  EXPECT_EQ(planned.plan().uncleanable_from, Offset(30));
  EXPECT_EQ(planned.plan().cleanable_bytes, 300u);
  planned.log.stable_end = Offset(29);
  EXPECT_EQ(planned.plan().uncleanable_from, Offset(20));
  planned.log.stable_end = Offset(9);
  EXPECT_EQ(planned.plan().uncleanable_from, Offset(0));
  EXPECT_FALSE(planned.plan().is_due(planned.config));
  planned.log.stable_end = Offset(35);
  planned.config.min_compaction_lag_ms = 8'001;
  EXPECT_EQ(planned.plan().uncleanable_from, Offset(10));
  planned.config.min_compaction_lag_ms = 8'000;
  EXPECT_EQ(planned.plan().uncleanable_from, Offset(20));
}

TEST(CleaningPlan, is_due_by_its_dirty_part_or_when_overdue) {
  Planned planned;
  planned.log.cleaned_to = Offset(20);
  planned.config.min_cleanable_ratio = 0.3;
  EXPECT_EQ(planned.plan().clean_bytes, 200u);
  EXPECT_TRUE(planned.plan().is_due(planned.config));
  planned.config.min_cleanable_ratio = 0.34;
  EXPECT_FALSE(planned.plan().is_due(planned.config));
  planned.config.max_compaction_lag_ms = 7'000;
  EXPECT_FALSE(planned.plan().is_due(planned.config));
  planned.config.max_compaction_lag_ms = 6'999;
  EXPECT_TRUE(planned.plan().is_due(planned.config));
}

TEST(CleaningPlan, begins_anew_when_the_checkpoint_is_of_another_log) {
  Planned planned;
  planned.log.cleaned_to = Offset(36);
  EXPECT_EQ(planned.plan().dirty_from, Offset(0));
  planned.log.cleaned_to = Offset(5);
  planned.log.log_start = Offset(12);
  EXPECT_EQ(planned.plan().dirty_from, Offset(12));
}

TEST(CleaningPlan, segment_joins_a_group_within_the_limits_of_a_segment) {
  Planned planned;
  SegmentFacts next = planned.closed[1];  // Of 100 bytes and one entry in each index.
  next.offset_entries = next.time_entries = 1;
  planned.config.segment_bytes = 200;
  EXPECT_TRUE(joins_group({planned.closed[0].base, 100}, next, planned.config));
  EXPECT_TRUE(joins_group({planned.closed[0].base, 0}, next, planned.config));
  EXPECT_FALSE(joins_group({planned.closed[0].base, 101}, next, planned.config));
  planned.config.segment_index_bytes = 23;  // One time index entry.
  EXPECT_TRUE(joins_group({planned.closed[0].base, 100, 0, 0}, next, planned.config));
  EXPECT_FALSE(joins_group({planned.closed[0].base, 100, 0, 1}, next, planned.config));
  planned.config.segment_index_bytes = 1000;
  next.end = Offset(std::int64_t{1} << 31) + 1;
  EXPECT_FALSE(joins_group({planned.closed[0].base, 100}, next, planned.config));
}

TEST(Throttle, spreads_bytes_over_time) {
  Throttle throttle(1000.0);
  const Instant start{1h};
  EXPECT_EQ(throttle.reserve(500, start), start + 500ms);
  EXPECT_EQ(throttle.reserve(500, start), start + 1s);
  EXPECT_EQ(throttle.reserve(100, start + 10s), start + 10s + 100ms);
  Throttle unlimited(1.7976931348623157E308);
  EXPECT_EQ(unlimited.reserve(1 << 30, start), start);
}

}  // namespace
}  // namespace barnabas::log
