// OffsetFetch (key 9), versions 0-10.
//
// v0 reads from ZooKeeper; v2 null means all topics; v5 leader epochs; v6 flexible; v7 stable offsets only; v8
// several groups at once; v9 member epochs (KIP-848); v10 topic ids.
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

struct OffsetFetchResponse;

struct OffsetFetchRequest {
  using Response = OffsetFetchResponse;
  static constexpr ApiKey kApiKey = ApiKey::offset_fetch;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 10, kFlexibleSince = 6;

  struct OffsetFetchRequestTopic {
    String name;
    Uuid topic_id;
    std::vector<std::int32_t> partition_indexes;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &OffsetFetchRequestTopic::name, until(9)),
                  field("topicId", &OffsetFetchRequestTopic::topic_id, since(10)),
                  field("partitionIndexes", &OffsetFetchRequestTopic::partition_indexes));
    }
  };

  struct OffsetFetchRequestGroup {
    String group_id;
    std::optional<String> member_id;
    std::int32_t member_epoch = -1;
    std::optional<std::vector<OffsetFetchRequestTopic>> topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("groupId", &OffsetFetchRequestGroup::group_id),
                  field("memberId", &OffsetFetchRequestGroup::member_id, since(9)).nullable(),
                  field("memberEpoch", &OffsetFetchRequestGroup::member_epoch, since(9)),
                  field("topics", &OffsetFetchRequestGroup::topics).nullable());
    }
  };

  String group_id;
  std::optional<std::vector<OffsetFetchRequestTopic>> topics;
  std::vector<OffsetFetchRequestGroup> groups;
  bool require_stable = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &OffsetFetchRequest::group_id, until(7)),
                field("topics", &OffsetFetchRequest::topics, until(7)).nullable(since(2)),
                field("groups", &OffsetFetchRequest::groups, since(8)),
                field("requireStable", &OffsetFetchRequest::require_stable, since(7)));
  }
};

struct OffsetFetchResponse {
  static constexpr ApiKey kApiKey = ApiKey::offset_fetch;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 10, kFlexibleSince = 6;

  struct OffsetFetchResponsePartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<String> metadata;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &OffsetFetchResponsePartition::partition_index),
                  field("committedOffset", &OffsetFetchResponsePartition::committed_offset),
                  field("committedLeaderEpoch", &OffsetFetchResponsePartition::committed_leader_epoch, since(5)),
                  field("metadata", &OffsetFetchResponsePartition::metadata).nullable(),
                  field("errorCode", &OffsetFetchResponsePartition::error_code));
    }
  };

  struct OffsetFetchResponseTopic {
    String name;
    Uuid topic_id;
    std::vector<OffsetFetchResponsePartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &OffsetFetchResponseTopic::name, until(9)),
                  field("topicId", &OffsetFetchResponseTopic::topic_id, since(10)),
                  field("partitions", &OffsetFetchResponseTopic::partitions));
    }
  };

  struct OffsetFetchResponseGroup {
    String group_id;
    std::vector<OffsetFetchResponseTopic> topics;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("groupId", &OffsetFetchResponseGroup::group_id),
                  field("topics", &OffsetFetchResponseGroup::topics),
                  field("errorCode", &OffsetFetchResponseGroup::error_code));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetFetchResponseTopic> topics;
  ErrorCode error_code = ErrorCode::none;
  std::vector<OffsetFetchResponseGroup> groups;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &OffsetFetchResponse::throttle_time_ms, since(3)),
                field("topics", &OffsetFetchResponse::topics, until(7)),
                field("errorCode", &OffsetFetchResponse::error_code, between(2, 7)),
                field("groups", &OffsetFetchResponse::groups, since(8)));
  }
};

}  // namespace barnabas::protocol
