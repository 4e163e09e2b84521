// AssignReplicasToDirs (key 73), version 0.
//
// KIP-858.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct AssignReplicasToDirsResponse;

struct AssignReplicasToDirsRequest {
  using Response = AssignReplicasToDirsResponse;
  static constexpr ApiKey kApiKey = ApiKey::assign_replicas_to_dirs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) { return list(field("partitionIndex", &PartitionData::partition_index)); }
  };

  struct TopicData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &TopicData::topic_id), field("partitions", &TopicData::partitions));
    }
  };

  struct DirectoryData {
    Uuid id;
    std::vector<TopicData> topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("id", &DirectoryData::id), field("topics", &DirectoryData::topics));
    }
  };

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::vector<DirectoryData> directories;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("brokerId", &AssignReplicasToDirsRequest::broker_id),
                field("brokerEpoch", &AssignReplicasToDirsRequest::broker_epoch),
                field("directories", &AssignReplicasToDirsRequest::directories));
  }
};

struct AssignReplicasToDirsResponse {
  static constexpr ApiKey kApiKey = ApiKey::assign_replicas_to_dirs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("errorCode", &PartitionData::error_code));
    }
  };

  struct TopicData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &TopicData::topic_id), field("partitions", &TopicData::partitions));
    }
  };

  struct DirectoryData {
    Uuid id;
    std::vector<TopicData> topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("id", &DirectoryData::id), field("topics", &DirectoryData::topics));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<DirectoryData> directories;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AssignReplicasToDirsResponse::throttle_time_ms),
                field("errorCode", &AssignReplicasToDirsResponse::error_code),
                field("directories", &AssignReplicasToDirsResponse::directories));
  }
};

}  // namespace barnabas::protocol
