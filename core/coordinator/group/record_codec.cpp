#include "core/coordinator/group/record_codec.hpp"

#include "core/protocol/internal/group_metadata_record.hpp"
#include "core/protocol/internal/offset_commit_record.hpp"
#include "core/protocol/internal/versioned.hpp"

namespace barnabas::coordinator::group {
namespace {

using protocol::GroupMetadataKey;
using protocol::GroupMetadataValue;
using protocol::OffsetCommitKey;
using protocol::OffsetCommitValue;
using protocol::String;

constexpr std::int16_t kOffsetKeyVersion = 1;
constexpr std::int16_t kOffsetValueVersion = 3;
constexpr std::int16_t kOffsetValueVersionWithExpiry = 1;
constexpr std::int16_t kGroupKeyVersion = 2;
constexpr std::int16_t kGroupValueVersion = 3;

std::optional<String> borrow(const std::optional<std::string>& text) {
  return text ? std::optional(String::borrow(*text)) : std::nullopt;
}
std::optional<std::string> own(const std::optional<String>& text) {
  return text ? std::optional(text->str()) : std::nullopt;
}

Buffer encode_value(const CommittedOffset& value) {
  OffsetCommitValue message;
  message.offset = value.offset.value();
  message.leader_epoch = value.leader_epoch.value();
  message.metadata = String::borrow(value.metadata);
  message.commit_timestamp = value.commit_time.value();
  message.expire_timestamp = value.expire_time.value();
  const bool expires = value.expire_time != kNoTimestamp;
  return protocol::encode_versioned(message, expires ? kOffsetValueVersionWithExpiry : kOffsetValueVersion);
}

Buffer encode_value(const GroupMetadata& value) {
  GroupMetadataValue message;
  message.protocol_type = String::borrow(value.protocol_type);
  message.generation = value.generation;
  message.protocol = borrow(value.protocol);
  message.leader = borrow(value.leader);
  message.current_state_timestamp = value.state_timestamp.value();
  for (const MemberMetadata& member : value.members) {
    GroupMetadataValue::MemberMetadata& entry = message.members.emplace_back();
    entry.member_id = String::borrow(member.member_id);
    entry.group_instance_id = borrow(member.instance_id);
    entry.client_id = String::borrow(member.client_id);
    entry.client_host = String::borrow(member.client_host);
    entry.rebalance_timeout = member.rebalance_timeout_ms;
    entry.session_timeout = member.session_timeout_ms;
    entry.subscription = member.subscription;
    entry.assignment = member.assignment;
  }
  return protocol::encode_versioned(message, kGroupValueVersion);
}

EncodedRecord encode_record(const OffsetRecord& record) {
  OffsetCommitKey key;
  key.group = String::borrow(record.key.group);
  key.topic = String::borrow(record.key.topic);
  key.partition = record.key.partition.value();
  EncodedRecord encoded{.key = protocol::encode_versioned(key, kOffsetKeyVersion), .value = {}};
  if (record.value) encoded.value = encode_value(*record.value);
  return encoded;
}

EncodedRecord encode_record(const GroupRecord& record) {
  GroupMetadataKey key;
  key.group = String::borrow(record.group);
  EncodedRecord encoded{.key = protocol::encode_versioned(key, kGroupKeyVersion), .value = {}};
  if (record.value) encoded.value = encode_value(*record.value);
  return encoded;
}

Result<StateRecord> decode_offset(ByteView key_bytes, std::optional<ByteView> value_bytes) {
  B_TRY(const auto key, protocol::decode_versioned<OffsetCommitKey>(key_bytes));
  OffsetRecord record{
      .key = {.group = key.group.str(), .topic = key.topic.str(), .partition = PartitionId(key.partition)},
      .value = {}};
  if (!value_bytes) return record;
  B_TRY(const auto value, protocol::decode_versioned<OffsetCommitValue>(*value_bytes));
  record.value = CommittedOffset{.offset = Offset(value.offset),
                                 .leader_epoch = LeaderEpoch(value.leader_epoch),
                                 .metadata = value.metadata.str(),
                                 .commit_time = Timestamp(value.commit_timestamp),
                                 .expire_time = Timestamp(value.expire_timestamp)};
  return record;
}

MemberMetadata to_member(const GroupMetadataValue::MemberMetadata& entry, bool has_rebalance_timeout) {
  return {.member_id = entry.member_id.str(),
          .instance_id = own(entry.group_instance_id),
          .client_id = entry.client_id.str(),
          .client_host = entry.client_host.str(),
          .rebalance_timeout_ms = has_rebalance_timeout ? entry.rebalance_timeout : entry.session_timeout,
          .session_timeout_ms = entry.session_timeout,
          .subscription = Buffer::copy_of(entry.subscription.view()),
          .assignment = Buffer::copy_of(entry.assignment.view())};
}

Result<StateRecord> decode_group(ByteView key_bytes, std::optional<ByteView> value_bytes) {
  B_TRY(const auto key, protocol::decode_versioned<GroupMetadataKey>(key_bytes));
  GroupRecord record{.group = key.group.str(), .value = {}};
  if (!value_bytes) return record;
  B_TRY(const std::int16_t version, protocol::version_of(*value_bytes));
  B_TRY(const auto value, protocol::decode_versioned<GroupMetadataValue>(*value_bytes));
  record.value = GroupMetadata{.protocol_type = value.protocol_type.str(),
                               .generation = value.generation,
                               .protocol = own(value.protocol),
                               .leader = own(value.leader),
                               .state_timestamp = Timestamp(value.current_state_timestamp),
                               .members = {}};
  for (const auto& entry : value.members) record.value->members.push_back(to_member(entry, version >= 1));
  return record;
}

}  // namespace

EncodedRecord encode(const StateRecord& record) {
  return std::visit([](const auto& each) { return encode_record(each); }, record);
}

Result<std::optional<StateRecord>> decode(ByteView key, std::optional<ByteView> value) {
  B_TRY(const std::int16_t version, protocol::version_of(key));
  if (version < 0 || version > kGroupKeyVersion) return std::nullopt;
  if (version == kGroupKeyVersion) return decode_group(key, value);
  return decode_offset(key, value);
}

}  // namespace barnabas::coordinator::group
