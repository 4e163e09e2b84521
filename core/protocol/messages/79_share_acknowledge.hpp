// ShareAcknowledge (key 79), versions 0-2.
//
// Share groups (KIP-932). v0 was never stable; v2 renewed locks.
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

struct ShareAcknowledgeResponse;

struct ShareAcknowledgeRequest {
  using Response = ShareAcknowledgeResponse;
  static constexpr ApiKey kApiKey = ApiKey::share_acknowledge;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct AcknowledgementBatch {
    std::int64_t first_offset = 0;
    std::int64_t last_offset = 0;
    std::vector<std::int8_t> acknowledge_types;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("firstOffset", &AcknowledgementBatch::first_offset),
                  field("lastOffset", &AcknowledgementBatch::last_offset),
                  field("acknowledgeTypes", &AcknowledgementBatch::acknowledge_types));
    }
  };

  struct AcknowledgePartition {
    std::int32_t partition_index = 0;
    std::vector<AcknowledgementBatch> acknowledgement_batches;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &AcknowledgePartition::partition_index),
                  field("acknowledgementBatches", &AcknowledgePartition::acknowledgement_batches));
    }
  };

  struct AcknowledgeTopic {
    Uuid topic_id;
    std::vector<AcknowledgePartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &AcknowledgeTopic::topic_id), field("partitions", &AcknowledgeTopic::partitions));
    }
  };

  std::optional<String> group_id;
  std::optional<String> member_id;
  std::int32_t share_session_epoch = 0;
  bool is_renew_ack = false;
  std::vector<AcknowledgeTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ShareAcknowledgeRequest::group_id).nullable(),
                field("memberId", &ShareAcknowledgeRequest::member_id).nullable(),
                field("shareSessionEpoch", &ShareAcknowledgeRequest::share_session_epoch),
                field("isRenewAck", &ShareAcknowledgeRequest::is_renew_ack, since(2)),
                field("topics", &ShareAcknowledgeRequest::topics));
  }
};

struct ShareAcknowledgeResponse {
  static constexpr ApiKey kApiKey = ApiKey::share_acknowledge;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("leaderId", &LeaderIdAndEpoch::leader_id),
                  field("leaderEpoch", &LeaderIdAndEpoch::leader_epoch));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    LeaderIdAndEpoch current_leader;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("errorCode", &PartitionData::error_code),
                  field("errorMessage", &PartitionData::error_message).nullable(),
                  field("currentLeader", &PartitionData::current_leader));
    }
  };

  struct ShareAcknowledgeTopicResponse {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &ShareAcknowledgeTopicResponse::topic_id),
                  field("partitions", &ShareAcknowledgeTopicResponse::partitions));
    }
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    String host;
    std::int32_t port = 0;
    std::optional<String> rack;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("nodeId", &NodeEndpoint::node_id),
                  field("host", &NodeEndpoint::host),
                  field("port", &NodeEndpoint::port),
                  field("rack", &NodeEndpoint::rack).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::int32_t acquisition_lock_timeout_ms = 0;
  std::vector<ShareAcknowledgeTopicResponse> responses;
  std::vector<NodeEndpoint> node_endpoints;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ShareAcknowledgeResponse::throttle_time_ms),
                field("errorCode", &ShareAcknowledgeResponse::error_code),
                field("errorMessage", &ShareAcknowledgeResponse::error_message).nullable(),
                field("acquisitionLockTimeoutMs", &ShareAcknowledgeResponse::acquisition_lock_timeout_ms, since(2)),
                field("responses", &ShareAcknowledgeResponse::responses),
                field("nodeEndpoints", &ShareAcknowledgeResponse::node_endpoints));
  }
};

}  // namespace barnabas::protocol
