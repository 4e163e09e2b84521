#include "core/coordinator/group/record_codec.hpp"

#include <gtest/gtest.h>

#include "tests/coordinator/hex.hpp"

namespace barnabas::coordinator::group {
namespace {

const char* const kOffsetKey = "0001000967726f2d68626b7765000c746f702d6c7073666865746c00000013";

StateRecord decoded(const std::string& key, const std::optional<std::string>& value) {
  const Buffer key_bytes = from_hex(key);
  const Buffer value_bytes = value ? from_hex(*value) : Buffer();
  auto record = decode(key_bytes.view(), value ? std::optional(value_bytes.view()) : std::nullopt);
  EXPECT_TRUE(record.has_value() && record->has_value());
  return record.value().value();
}

// The hex of these tests was written by Kafka 3.9.1.
TEST(RecordCodec, offset_commit_v3_is_kafkas_to_the_byte) {
  const OffsetRecord record{.key = {.group = "gro-hbkwe", .topic = "top-lpsfhetl", .partition = PartitionId(19)},
                            .value = CommittedOffset{.offset = Offset(-2),
                                                     .leader_epoch = LeaderEpoch(20),
                                                     .metadata = "met-dkdhcl",
                                                     .commit_time = Timestamp(1701020965842)}};
  const EncodedRecord encoded = encode(record);
  EXPECT_EQ(to_hex(encoded.key), kOffsetKey);
  const std::string value = "0003fffffffffffffffe00000014000a6d65742d646b6468636c0000018c0cc01bd2";
  EXPECT_EQ(to_hex(*encoded.value), value);
  EXPECT_EQ(decoded(kOffsetKey, value), StateRecord(record));
}

TEST(RecordCodec, commit_with_a_retention_is_written_as_v1) {
  const OffsetRecord record{.key = {.group = "gro-hbkwe", .topic = "top-lpsfhetl", .partition = PartitionId(19)},
                            .value = CommittedOffset{.offset = Offset(422748),
                                                     .metadata = "met-za",
                                                     .commit_time = Timestamp(1700521409981),
                                                     .expire_time = Timestamp(1700648371602)}};
  const std::string value = "0001000000000006735c00066d65742d7a610000018beef97dbd0000018bf68ac592";
  EXPECT_EQ(to_hex(*encode(record).value), value);
  EXPECT_EQ(decoded(kOffsetKey, value), StateRecord(record));
}

TEST(RecordCodec, offset_value_of_a_newer_broker_is_read) {
  const auto record = std::get<OffsetRecord>(
      decoded(kOffsetKey, "000400000000000d94170000001a0d6d65742d6d67747868736d710000018bd9fe1ab000"));
  EXPECT_EQ(record.value->offset, Offset(889879));
  EXPECT_EQ(record.value->leader_epoch, LeaderEpoch(26));
}

TEST(RecordCodec, group_metadata_v3_is_kafkas_to_the_byte) {
  const GroupRecord record{
      .group = "gro-sbjc",
      .value = GroupMetadata{.protocol_type = "pro-denvaai",
                             .generation = 42,
                             .protocol = "pro-a",
                             .leader = "lea-laq",
                             .state_timestamp = Timestamp(1700310271608),
                             .members = {MemberMetadata{.member_id = "mem-gxdvfu",
                                                        .instance_id = "gro-jxdzvkg",
                                                        .client_id = "cli-rvtqeo",
                                                        .client_host = "cli-cqrpa",
                                                        .rebalance_timeout_ms = 300000,
                                                        .session_timeout_ms = 45000,
                                                        .subscription = from_hex("b839381a0dc0"),
                                                        .assignment = from_hex("5fcf5122b98a9b")}}}};
  const EncodedRecord encoded = encode(record);
  EXPECT_EQ(to_hex(encoded.key), "0002000867726f2d73626a63");
  const std::string value =
      "0003000b70726f2d64656e766161690000002a000570726f2d6100076c65612d6c61710000018be263c67800000001000a6d656d2d"
      "677864766675000b67726f2d6a78647a766b67000a636c692d72767471656f0009636c692d6371727061000493e00000afc8000000"
      "06b839381a0dc0000000075fcf5122b98a9b";
  EXPECT_EQ(to_hex(*encoded.value), value);
  EXPECT_EQ(decoded("0002000867726f2d73626a63", value), StateRecord(record));
}

TEST(RecordCodec, oldest_group_value_takes_the_session_timeout_for_both) {
  const auto record = std::get<GroupRecord>(decoded(
      "0002000867726f2d73626a63",
      "0000000a70726f2d716d7974746c00000022000c70726f2d61717072676c636c00066c65612d767800000001000c6d656d2d68677968"
      "73656b630005636c692d6b000a636c692d786f6c656163000001f400000004bf5f4595000000072a4f3ea59661eb"));
  ASSERT_EQ(record.value->members.size(), 1u);
  EXPECT_EQ(record.value->generation, 34);
  EXPECT_EQ(record.value->members[0].session_timeout_ms, 500);
  EXPECT_EQ(record.value->members[0].rebalance_timeout_ms, 500);
}

TEST(RecordCodec, tombstones_have_no_value) {
  EXPECT_EQ(std::get<OffsetRecord>(decoded(kOffsetKey, std::nullopt)).value, std::nullopt);
  EXPECT_EQ(std::get<GroupRecord>(decoded("0002000867726f2d73626a63", std::nullopt)).value, std::nullopt);
  EXPECT_EQ(encode(GroupRecord{.group = "g", .value = {}}).value, std::nullopt);
}

TEST(RecordCodec, unknown_kinds_are_skipped_and_damage_is_reported) {
  const auto unknown = decode(from_hex("0003000867726f2d73626a63").view(), std::nullopt);
  ASSERT_TRUE(unknown.has_value());
  EXPECT_FALSE(unknown->has_value());
  EXPECT_FALSE(decode(from_hex("00").view(), std::nullopt).has_value());
  EXPECT_FALSE(decode(from_hex("000100097267").view(), std::nullopt).has_value());
  const Buffer key = from_hex(kOffsetKey);
  EXPECT_FALSE(decode(key.view(), from_hex("0003ffff").view()).has_value());
  EXPECT_EQ(decode(key.view(), from_hex("0009000000000006735c").view()).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace barnabas::coordinator::group
