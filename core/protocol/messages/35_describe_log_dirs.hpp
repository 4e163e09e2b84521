// DescribeLogDirs (key 35), versions 0-5.
//
// v2 flexible; v3 an error for the whole response; v4 sizes of the volumes (KIP-827); v5 cordoned directories.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeLogDirsResponse;

struct DescribeLogDirsRequest {
  using Response = DescribeLogDirsResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_log_dirs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 2;

  struct DescribableLogDirTopic {
    String topic;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &DescribableLogDirTopic::topic),
                  field("partitions", &DescribableLogDirTopic::partitions));
    }
  };

  std::optional<std::vector<DescribableLogDirTopic>> topics;  // Null: all.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("topics", &DescribeLogDirsRequest::topics).nullable()); }
};

struct DescribeLogDirsResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_log_dirs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 2;

  struct DescribeLogDirsPartition {
    std::int32_t partition_index = 0;
    std::int64_t partition_size = 0;
    std::int64_t offset_lag = 0;
    bool is_future_key = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &DescribeLogDirsPartition::partition_index),
                  field("partitionSize", &DescribeLogDirsPartition::partition_size),
                  field("offsetLag", &DescribeLogDirsPartition::offset_lag),
                  field("isFutureKey", &DescribeLogDirsPartition::is_future_key));
    }
  };

  struct DescribeLogDirsTopic {
    String name;
    std::vector<DescribeLogDirsPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &DescribeLogDirsTopic::name), field("partitions", &DescribeLogDirsTopic::partitions));
    }
  };

  struct DescribeLogDirsResult {
    ErrorCode error_code = ErrorCode::none;
    String log_dir;
    std::vector<DescribeLogDirsTopic> topics;
    std::int64_t total_bytes = -1;
    std::int64_t usable_bytes = -1;
    bool is_cordoned = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &DescribeLogDirsResult::error_code),
                  field("logDir", &DescribeLogDirsResult::log_dir),
                  field("topics", &DescribeLogDirsResult::topics),
                  field("totalBytes", &DescribeLogDirsResult::total_bytes, since(4)),
                  field("usableBytes", &DescribeLogDirsResult::usable_bytes, since(4)),
                  field("isCordoned", &DescribeLogDirsResult::is_cordoned, since(5)));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<DescribeLogDirsResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeLogDirsResponse::throttle_time_ms),
                field("errorCode", &DescribeLogDirsResponse::error_code, since(3)),
                field("results", &DescribeLogDirsResponse::results));
  }
};

}  // namespace barnabas::protocol
