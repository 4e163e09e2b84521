// ShareFetch (key 78), versions 0-2.
//
// Share groups (KIP-932). v0 was never stable; v1 record limits; v2 renewed locks.
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

struct ShareFetchResponse;

struct ShareFetchRequest {
  using Response = ShareFetchResponse;
  static constexpr ApiKey kApiKey = ApiKey::share_fetch;
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

  struct FetchPartition {
    std::int32_t partition_index = 0;
    std::int32_t partition_max_bytes = 0;
    std::vector<AcknowledgementBatch> acknowledgement_batches;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &FetchPartition::partition_index),
                  field("partitionMaxBytes", &FetchPartition::partition_max_bytes, until(0)),
                  field("acknowledgementBatches", &FetchPartition::acknowledgement_batches));
    }
  };

  struct FetchTopic {
    Uuid topic_id;
    std::vector<FetchPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &FetchTopic::topic_id), field("partitions", &FetchTopic::partitions));
    }
  };

  struct ForgottenTopic {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &ForgottenTopic::topic_id), field("partitions", &ForgottenTopic::partitions));
    }
  };

  std::optional<String> group_id;
  std::optional<String> member_id;
  std::int32_t share_session_epoch = 0;
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = 0x7fffffff;
  std::int32_t max_records = 0;
  std::int32_t batch_size = 0;
  std::int8_t share_acquire_mode = 0;
  bool is_renew_ack = false;
  std::vector<FetchTopic> topics;
  std::vector<ForgottenTopic> forgotten_topics_data;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ShareFetchRequest::group_id).nullable(),
                field("memberId", &ShareFetchRequest::member_id).nullable(),
                field("shareSessionEpoch", &ShareFetchRequest::share_session_epoch),
                field("maxWaitMs", &ShareFetchRequest::max_wait_ms),
                field("minBytes", &ShareFetchRequest::min_bytes),
                field("maxBytes", &ShareFetchRequest::max_bytes),
                field("maxRecords", &ShareFetchRequest::max_records, since(1)),
                field("batchSize", &ShareFetchRequest::batch_size, since(1)),
                field("shareAcquireMode", &ShareFetchRequest::share_acquire_mode, since(2)),
                field("isRenewAck", &ShareFetchRequest::is_renew_ack, since(2)),
                field("topics", &ShareFetchRequest::topics),
                field("forgottenTopicsData", &ShareFetchRequest::forgotten_topics_data));
  }
};

struct ShareFetchResponse {
  static constexpr ApiKey kApiKey = ApiKey::share_fetch;
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

  struct AcquiredRecords {
    std::int64_t first_offset = 0;
    std::int64_t last_offset = 0;
    std::int16_t delivery_count = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("firstOffset", &AcquiredRecords::first_offset),
                  field("lastOffset", &AcquiredRecords::last_offset),
                  field("deliveryCount", &AcquiredRecords::delivery_count));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    ErrorCode acknowledge_error_code = ErrorCode::none;
    std::optional<String> acknowledge_error_message;
    LeaderIdAndEpoch current_leader;
    std::optional<Records> records;
    std::vector<AcquiredRecords> acquired_records;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("errorCode", &PartitionData::error_code),
                  field("errorMessage", &PartitionData::error_message).nullable(),
                  field("acknowledgeErrorCode", &PartitionData::acknowledge_error_code),
                  field("acknowledgeErrorMessage", &PartitionData::acknowledge_error_message).nullable(),
                  field("currentLeader", &PartitionData::current_leader),
                  field("records", &PartitionData::records).nullable(),
                  field("acquiredRecords", &PartitionData::acquired_records));
    }
  };

  struct ShareFetchableTopicResponse {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &ShareFetchableTopicResponse::topic_id),
                  field("partitions", &ShareFetchableTopicResponse::partitions));
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
  std::vector<ShareFetchableTopicResponse> responses;
  std::vector<NodeEndpoint> node_endpoints;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ShareFetchResponse::throttle_time_ms),
                field("errorCode", &ShareFetchResponse::error_code),
                field("errorMessage", &ShareFetchResponse::error_message).nullable(),
                field("acquisitionLockTimeoutMs", &ShareFetchResponse::acquisition_lock_timeout_ms, since(1)),
                field("responses", &ShareFetchResponse::responses),
                field("nodeEndpoints", &ShareFetchResponse::node_endpoints));
  }
};

}  // namespace barnabas::protocol
