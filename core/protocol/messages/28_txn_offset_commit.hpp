// TxnOffsetCommit (key 28), versions 0-6.
//
// v2 leader epochs; v3 flexible, member and generation (KIP-447); v4-5 errors of KIP-890; v6 topic ids.
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

struct TxnOffsetCommitResponse;

struct TxnOffsetCommitRequest {
  using Response = TxnOffsetCommitResponse;
  static constexpr ApiKey kApiKey = ApiKey::txn_offset_commit;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 3;

  struct TxnOffsetCommitRequestPartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<String> committed_metadata;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &TxnOffsetCommitRequestPartition::partition_index),
                  field("committedOffset", &TxnOffsetCommitRequestPartition::committed_offset),
                  field("committedLeaderEpoch", &TxnOffsetCommitRequestPartition::committed_leader_epoch, since(2)),
                  field("committedMetadata", &TxnOffsetCommitRequestPartition::committed_metadata).nullable());
    }
  };

  struct TxnOffsetCommitRequestTopic {
    String name;
    Uuid topic_id;
    std::vector<TxnOffsetCommitRequestPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TxnOffsetCommitRequestTopic::name, until(5)),
                  field("topicId", &TxnOffsetCommitRequestTopic::topic_id, since(6)),
                  field("partitions", &TxnOffsetCommitRequestTopic::partitions));
    }
  };

  String transactional_id;
  String group_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t generation_id_or_member_epoch = -1;
  String member_id;
  std::optional<String> group_instance_id;
  std::vector<TxnOffsetCommitRequestTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("transactionalId", &TxnOffsetCommitRequest::transactional_id),
                field("groupId", &TxnOffsetCommitRequest::group_id),
                field("producerId", &TxnOffsetCommitRequest::producer_id),
                field("producerEpoch", &TxnOffsetCommitRequest::producer_epoch),
                field("generationIdOrMemberEpoch", &TxnOffsetCommitRequest::generation_id_or_member_epoch, since(3)),
                field("memberId", &TxnOffsetCommitRequest::member_id, since(3)),
                field("groupInstanceId", &TxnOffsetCommitRequest::group_instance_id, since(3)).nullable(),
                field("topics", &TxnOffsetCommitRequest::topics));
  }
};

struct TxnOffsetCommitResponse {
  static constexpr ApiKey kApiKey = ApiKey::txn_offset_commit;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 3;

  struct TxnOffsetCommitResponsePartition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &TxnOffsetCommitResponsePartition::partition_index),
                  field("errorCode", &TxnOffsetCommitResponsePartition::error_code));
    }
  };

  struct TxnOffsetCommitResponseTopic {
    String name;
    Uuid topic_id;
    std::vector<TxnOffsetCommitResponsePartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TxnOffsetCommitResponseTopic::name, until(5)),
                  field("topicId", &TxnOffsetCommitResponseTopic::topic_id, since(6)),
                  field("partitions", &TxnOffsetCommitResponseTopic::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<TxnOffsetCommitResponseTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &TxnOffsetCommitResponse::throttle_time_ms),
                field("topics", &TxnOffsetCommitResponse::topics));
  }
};

}  // namespace barnabas::protocol
