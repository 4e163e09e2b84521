// Records of __consumer_offsets: one committed offset of one group and partition. A null value deletes it.
//
// Their bytes begin with the int16 version: see versioned.hpp.
#pragma once

#include <cstdint>

#include "core/base/uuid.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct OffsetCommitKey {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = kNeverFlexible;

  String group;
  String topic;
  std::int32_t partition = 0;

  static constexpr auto fields(auto list) {
    return list(field("group", &OffsetCommitKey::group),
                field("topic", &OffsetCommitKey::topic),
                field("partition", &OffsetCommitKey::partition));
  }
};

struct OffsetCommitValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 4;

  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  String metadata;
  std::int64_t commit_timestamp = 0;
  std::int64_t expire_timestamp = -1;
  Uuid topic_id;  // Written by Kafka 4 alone.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("offset", &OffsetCommitValue::offset),
                field("leaderEpoch", &OffsetCommitValue::leader_epoch, since(3)),
                field("metadata", &OffsetCommitValue::metadata),
                field("commitTimestamp", &OffsetCommitValue::commit_timestamp),
                field("expireTimestamp", &OffsetCommitValue::expire_timestamp, between(1, 1)),
                field("topicId", &OffsetCommitValue::topic_id, since(4)).tagged(0));
  }
};

}  // namespace barnabas::protocol
