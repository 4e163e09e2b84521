#include "core/zookeeper/journal_format.hpp"

#include <gtest/gtest.h>

namespace barnabas::zookeeper {
namespace {

Transaction creation(std::int64_t zxid, std::string path, std::string_view text) {
  Transaction transaction;
  transaction.zxid = Zxid(zxid);
  transaction.time = Timestamp(5);
  transaction.kind = Transaction::Kind::write;
  transaction.changes.push_back(CreateChange{std::move(path), Buffer::copy_of(as_bytes(text)), kNoSession});
  return transaction;
}

std::vector<std::byte> two_records() {
  std::vector<std::byte> bytes = encode_log_header(Zxid(1));
  encode_record(bytes, creation(1, "/first", "one"));
  encode_record(bytes, creation(2, "/second", "two"));
  return bytes;
}

TEST(JournalFormat, names_carry_the_zxid) {
  EXPECT_EQ(log_name(Zxid(0x1f)), "log.000000000000001f");
  EXPECT_EQ(parse_name("snapshot.000000000000001f", "snapshot."), Zxid(0x1f));
  for (const char* other : {"log.1f", "log.000000000000001g", "log.000000000000001f.tmp", "snapshot.000000000000001f",
                            "log.ffffffffffffffff", ".lock"}) {
    EXPECT_EQ(parse_name(other, "log."), std::nullopt) << other;
  }
}

TEST(JournalFormat, records_are_read_back_until_the_end) {
  const auto bytes = two_records();
  EXPECT_EQ(decode_log_header(bytes).value(), Zxid(1));
  RecordReader reader(bytes, Zxid(1));
  EXPECT_EQ(reader.next()->zxid, Zxid(1));
  EXPECT_EQ(reader.next()->zxid, Zxid(2));
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_EQ(reader.position(), bytes.size());
}

TEST(JournalFormat, a_journal_cut_anywhere_gives_the_whole_records_before) {
  const auto bytes = two_records();
  RecordReader whole(bytes, Zxid(1));
  (void)whole.next();
  const std::size_t second = whole.position();
  for (std::size_t size = kLogHeaderSize; size < bytes.size(); ++size) {
    RecordReader reader(ByteView(bytes).first(size), Zxid(1));
    EXPECT_EQ(reader.next().has_value(), size >= second) << size;
    EXPECT_FALSE(size >= second && reader.next().has_value()) << size;
    EXPECT_EQ(reader.position(), size >= second ? second : kLogHeaderSize) << size;
  }
}

TEST(JournalFormat, any_flipped_bit_of_a_record_ends_the_journal_there) {
  auto bytes = two_records();
  for (std::size_t bit = kLogHeaderSize * 8; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    RecordReader reader(bytes, Zxid(1));
    int records = 0;
    while (reader.next()) ++records;
    EXPECT_LT(records, 2) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
  }
}

TEST(JournalFormat, markers_are_passed_over_and_found_where_they_were_written_only) {
  auto bytes = encode_log_header(Zxid(1));
  const auto put_marker = [&](std::uint64_t position) {
    const auto marker = encode_marker(Zxid(1), position);
    ASSERT_EQ(marker.size(), kMarkerSize);
    bytes.insert(bytes.end(), marker.begin(), marker.end());
  };
  put_marker(bytes.size());
  encode_record(bytes, creation(1, "/first", "one"));
  const std::size_t second = bytes.size();
  put_marker(second);
  encode_record(bytes, creation(2, "/second", "two"));
  const std::size_t end = bytes.size();
  put_marker(end + 1);  // Such as a copy of one, in a znode.
  RecordReader reader(bytes, Zxid(1));
  EXPECT_EQ(reader.next()->zxid, Zxid(1));
  EXPECT_EQ(reader.group(), kLogHeaderSize);
  EXPECT_EQ(reader.next()->zxid, Zxid(2));
  EXPECT_EQ(reader.group(), second);
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_EQ(reader.position(), end);
  EXPECT_EQ(find_marker(bytes, Zxid(1), 0), kLogHeaderSize);
  EXPECT_EQ(find_marker(bytes, Zxid(1), kLogHeaderSize + 1), second);
  EXPECT_EQ(find_marker(bytes, Zxid(1), second + 1), std::nullopt);
  EXPECT_EQ(find_marker(bytes, Zxid(2), 0), std::nullopt);  // Another journal's.
  for (std::size_t bit = 0; bit < kMarkerSize * 8; ++bit) {
    bytes[second + bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    EXPECT_EQ(find_marker(bytes, Zxid(1), second), std::nullopt) << bit;
    bytes[second + bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
  }
}

TEST(JournalFormat, a_journal_of_version_1_is_named_as_such) {
  auto header = encode_log_header(Zxid(1));
  header[7] = std::byte{1};
  EXPECT_NE(decode_log_header(header).error().message.find("version 1"), std::string::npos);
}

TEST(JournalFormat, any_flipped_bit_of_a_header_or_snapshot_is_corrupt) {
  auto header = encode_log_header(Zxid(9));
  for (std::size_t bit = 0; bit < header.size() * 8; ++bit) {
    header[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    EXPECT_FALSE(decode_log_header(header).has_value()) << bit;
    header[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
  }
  auto snapshot = encode_snapshot(Zxid(0), ZnodeTree().serialize());
  EXPECT_TRUE(decode_snapshot(snapshot, Zxid(0)).has_value());
  EXPECT_FALSE(decode_snapshot(snapshot, Zxid(1)).has_value());
  EXPECT_FALSE(decode_snapshot(ByteView(snapshot).first(snapshot.size() - 1), Zxid(0)).has_value());
  for (std::size_t bit = 0; bit < snapshot.size() * 8; ++bit) {
    snapshot[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    EXPECT_FALSE(decode_snapshot(snapshot, Zxid(0)).has_value()) << bit;
    snapshot[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
  }
}

}  // namespace
}  // namespace barnabas::zookeeper
