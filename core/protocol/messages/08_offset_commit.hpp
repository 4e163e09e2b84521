// OffsetCommit (key 8), versions 0-10.
//
// v0 keeps offsets in ZooKeeper; v1 member and generation; v2-4 retention; v6 leader epochs; v7 static members;
// v8 flexible; v9 member epochs (KIP-848); v10 topic ids.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct OffsetCommitResponse;

struct OffsetCommitRequest {
  using Response = OffsetCommitResponse;
  static constexpr ApiKey kApiKey = ApiKey::offset_commit;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 10, kFlexibleSince = 8;

  struct OffsetCommitRequestPartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::int64_t commit_timestamp = -1;
    std::optional<String> committed_metadata;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &OffsetCommitRequestPartition::partition_index),
                  field("committedOffset", &OffsetCommitRequestPartition::committed_offset),
                  field("committedLeaderEpoch", &OffsetCommitRequestPartition::committed_leader_epoch, since(6)),
                  field("commitTimestamp", &OffsetCommitRequestPartition::commit_timestamp, between(1, 1)),
                  field("committedMetadata", &OffsetCommitRequestPartition::committed_metadata).nullable());
    }
  };

  struct OffsetCommitRequestTopic {
    String name;
    Uuid topic_id;
    std::vector<OffsetCommitRequestPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &OffsetCommitRequestTopic::name, until(9)),
                  field("topicId", &OffsetCommitRequestTopic::topic_id, since(10)),
                  field("partitions", &OffsetCommitRequestTopic::partitions));
    }
  };

  String group_id;
  std::int32_t generation_id_or_member_epoch = -1;
  String member_id;
  std::optional<String> group_instance_id;
  std::int64_t retention_time_ms = -1;
  std::vector<OffsetCommitRequestTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &OffsetCommitRequest::group_id),
                field("generationIdOrMemberEpoch", &OffsetCommitRequest::generation_id_or_member_epoch, since(1)),
                field("memberId", &OffsetCommitRequest::member_id, since(1)),
                field("groupInstanceId", &OffsetCommitRequest::group_instance_id, since(7)).nullable(),
                field("retentionTimeMs", &OffsetCommitRequest::retention_time_ms, between(2, 4)),
                field("topics", &OffsetCommitRequest::topics));
  }
};

struct OffsetCommitResponse {
  static constexpr ApiKey kApiKey = ApiKey::offset_commit;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 10, kFlexibleSince = 8;

  struct OffsetCommitResponsePartition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &OffsetCommitResponsePartition::partition_index),
                  field("errorCode", &OffsetCommitResponsePartition::error_code));
    }
  };

  struct OffsetCommitResponseTopic {
    String name;
    Uuid topic_id;
    std::vector<OffsetCommitResponsePartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &OffsetCommitResponseTopic::name, until(9)),
                  field("topicId", &OffsetCommitResponseTopic::topic_id, since(10)),
                  field("partitions", &OffsetCommitResponseTopic::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetCommitResponseTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &OffsetCommitResponse::throttle_time_ms, since(3)),
                field("topics", &OffsetCommitResponse::topics));
  }
};

}  // namespace barnabas::protocol
