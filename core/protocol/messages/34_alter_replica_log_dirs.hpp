// AlterReplicaLogDirs (key 34), versions 0-2.
//
// v2 flexible.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct AlterReplicaLogDirsResponse;

struct AlterReplicaLogDirsRequest {
  using Response = AlterReplicaLogDirsResponse;
  static constexpr ApiKey kApiKey = ApiKey::alter_replica_log_dirs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  struct AlterReplicaLogDirTopic {
    String name;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &AlterReplicaLogDirTopic::name),
                  field("partitions", &AlterReplicaLogDirTopic::partitions));
    }
  };

  struct AlterReplicaLogDir {
    String path;
    std::vector<AlterReplicaLogDirTopic> topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("path", &AlterReplicaLogDir::path), field("topics", &AlterReplicaLogDir::topics));
    }
  };

  std::vector<AlterReplicaLogDir> dirs;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("dirs", &AlterReplicaLogDirsRequest::dirs)); }
};

struct AlterReplicaLogDirsResponse {
  static constexpr ApiKey kApiKey = ApiKey::alter_replica_log_dirs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  struct AlterReplicaLogDirPartitionResult {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &AlterReplicaLogDirPartitionResult::partition_index),
                  field("errorCode", &AlterReplicaLogDirPartitionResult::error_code));
    }
  };

  struct AlterReplicaLogDirTopicResult {
    String topic_name;
    std::vector<AlterReplicaLogDirPartitionResult> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &AlterReplicaLogDirTopicResult::topic_name),
                  field("partitions", &AlterReplicaLogDirTopicResult::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<AlterReplicaLogDirTopicResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AlterReplicaLogDirsResponse::throttle_time_ms),
                field("results", &AlterReplicaLogDirsResponse::results));
  }
};

}  // namespace barnabas::protocol
