#include "core/log/producer_state.hpp"

#include <limits>

#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

constexpr std::int32_t kLastSequence = std::numeric_limits<std::int32_t>::max();

record::BatchHeader header(std::int64_t offset, int count, std::int32_t sequence, std::int16_t epoch = 0) {
  return header_of(make_batch(Offset(offset), count, 1000, 20, {7, epoch, sequence}));
}

void note(ProducerState& state, const record::BatchHeader& h) { ASSERT_TRUE(state.update(h, {}).has_value()); }

// Five batches of ten: sequences 0 to 49, at the same offsets plus 100.
ProducerState five_batches() {
  ProducerState state;
  for (int i = 0; i < 5; ++i) note(state, header(100 + 10 * i, 10, 10 * i));
  return state;
}

TEST(ProducerState, next_sequence_is_welcome) {
  const ProducerState state = five_batches();
  EXPECT_EQ(state.check(header(0, 3, 50)).value(), std::nullopt);
}

TEST(ProducerState, any_of_the_last_five_is_a_duplicate_with_its_offsets) {
  const ProducerState state = five_batches();
  for (int i = 0; i < 5; ++i) {
    const auto duplicate = state.check(header(0, 10, 10 * i)).value();
    ASSERT_TRUE(duplicate.has_value());
    EXPECT_EQ(duplicate->base_offset(), Offset(100 + 10 * i));
  }
}

TEST(ProducerState, the_sixth_last_is_refused_as_a_duplicate_of_unknown_offset) {
  ProducerState state = five_batches();
  note(state, header(150, 10, 50));
  EXPECT_EQ(state.check(header(0, 10, 0)).error().code, Errc::duplicate_sequence);
}

TEST(ProducerState, gap_is_out_of_order) {
  const ProducerState state = five_batches();
  EXPECT_EQ(state.check(header(0, 1, 51)).error().code, Errc::out_of_order_sequence);
  EXPECT_EQ(state.check(header(0, 5, 40)).error().code, Errc::out_of_order_sequence);  // Half of a batch.
}

TEST(ProducerState, unknown_producer_may_begin_anywhere) {
  EXPECT_EQ(ProducerState().check(header(0, 1, 17)).value(), std::nullopt);
}

TEST(ProducerState, new_epoch_begins_at_zero_and_fences_the_old_one) {
  ProducerState state = five_batches();
  EXPECT_EQ(state.check(header(0, 1, 50, 1)).error().code, Errc::out_of_order_sequence);
  EXPECT_EQ(state.check(header(0, 1, 0, 1)).value(), std::nullopt);
  note(state, header(150, 1, 0, 1));
  EXPECT_EQ(state.check(header(0, 1, 50, 0)).error().code, Errc::invalid_producer_epoch);
  EXPECT_EQ(state.check(header(0, 1, 1, 1)).value(), std::nullopt);
}

TEST(ProducerState, sequence_wraps_to_zero) {
  ProducerState state;
  note(state, header(0, 3, kLastSequence - 1));
  EXPECT_EQ(state.find(ProducerId(7))->last_sequence(), 0);
  EXPECT_EQ(state.check(header(3, 1, 1)).value(), std::nullopt);
  EXPECT_EQ(state.check(header(3, 3, kLastSequence - 1)).value()->base_offset(), Offset(0));
  EXPECT_EQ(ProducerState::decode(state.encode())->check(header(3, 3, kLastSequence - 1)).value()->base_offset(),
            Offset(0));
}

TEST(ProducerState, snapshot_remembers_what_memory_does) {
  ProducerState state = five_batches();
  const Buffer open = make_batch(Offset(200), 2, 3000, 20, {8, 3, 0}, 0, true);
  note(state, header_of(open));
  const auto restored = ProducerState::decode(state.encode());
  ASSERT_TRUE(restored.has_value());
  EXPECT_EQ(*restored, state);
  EXPECT_EQ(restored->first_open_transaction(), Offset(200));
}

TEST(ProducerState, damaged_snapshot_is_refused_at_every_byte) {
  const std::vector<std::byte> whole = five_batches().encode();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::vector<std::byte> flipped = whole;
    flipped[i] ^= std::byte{4};
    EXPECT_FALSE(ProducerState::decode(flipped).has_value()) << i;
    EXPECT_FALSE(ProducerState::decode(ByteView(whole).first(i)).has_value()) << i;
  }
}

TEST(ProducerState, marker_ends_the_transaction_and_may_raise_the_epoch) {
  ProducerState state;
  note(state, header_of(make_batch(Offset(10), 2, 1000, 20, {7, 0, 0}, 0, true)));
  EXPECT_EQ(state.first_open_transaction(), Offset(10));
  const Buffer marker = make_marker(Offset(12), {7, 1, -1}, false, 4);
  ASSERT_TRUE(state.update(header_of(marker), marker.view()).has_value());
  EXPECT_EQ(state.first_open_transaction(), std::nullopt);
  EXPECT_EQ(state.find(ProducerId(7))->epoch, ProducerEpoch(1));
  EXPECT_EQ(state.find(ProducerId(7))->coordinator_epoch, 4);
  EXPECT_EQ(state.find(ProducerId(7))->last_timestamp, Timestamp(5000));
  EXPECT_EQ(state.check(header(13, 1, 5, 1)).value(), std::nullopt);  // No sequence is known in this epoch.
  EXPECT_EQ(ProducerState::decode(state.encode()).value(), state);
}

TEST(ProducerState, silent_producers_are_forgotten_but_not_in_a_transaction) {
  ProducerState state = five_batches();  // Last heard of at 1009.
  note(state, header_of(make_batch(Offset(200), 2, 500, 20, {8, 3, 0}, 0, true)));
  state.expire(Timestamp(2008), 1000);
  EXPECT_EQ(state.size(), 2u);
  state.expire(Timestamp(2009), 1000);
  EXPECT_EQ(state.find(ProducerId(7)), nullptr);
  EXPECT_NE(state.find(ProducerId(8)), nullptr);
}

}  // namespace
}  // namespace barnabas::log
