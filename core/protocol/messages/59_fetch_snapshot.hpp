// FetchSnapshot (key 59), versions 0-1.
//
// KRaft snapshots (KIP-630). v1 directory ids (KIP-853).
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

struct FetchSnapshotResponse;

struct FetchSnapshotRequest {
  using Response = FetchSnapshotResponse;
  static constexpr ApiKey kApiKey = ApiKey::fetch_snapshot;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct SnapshotId {
    std::int64_t end_offset = 0;
    std::int32_t epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("endOffset", &SnapshotId::end_offset), field("epoch", &SnapshotId::epoch));
    }
  };

  struct PartitionSnapshot {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = 0;
    SnapshotId snapshot_id;
    std::int64_t position = 0;
    Uuid replica_directory_id;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionSnapshot::partition),
                  field("currentLeaderEpoch", &PartitionSnapshot::current_leader_epoch),
                  field("snapshotId", &PartitionSnapshot::snapshot_id),
                  field("position", &PartitionSnapshot::position),
                  field("replicaDirectoryId", &PartitionSnapshot::replica_directory_id, since(1)).tagged(0));
    }
  };

  struct TopicSnapshot {
    String name;
    std::vector<PartitionSnapshot> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TopicSnapshot::name), field("partitions", &TopicSnapshot::partitions));
    }
  };

  std::optional<String> cluster_id;
  std::int32_t replica_id = -1;
  std::int32_t max_bytes = 0x7fffffff;
  std::vector<TopicSnapshot> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clusterId", &FetchSnapshotRequest::cluster_id).nullable().tagged(0),
                field("replicaId", &FetchSnapshotRequest::replica_id),
                field("maxBytes", &FetchSnapshotRequest::max_bytes),
                field("topics", &FetchSnapshotRequest::topics));
  }
};

struct FetchSnapshotResponse {
  static constexpr ApiKey kApiKey = ApiKey::fetch_snapshot;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct SnapshotId {
    std::int64_t end_offset = 0;
    std::int32_t epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("endOffset", &SnapshotId::end_offset), field("epoch", &SnapshotId::epoch));
    }
  };

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    UnknownTags unknown_tags;

    bool operator==(const LeaderIdAndEpoch&) const = default;
    static constexpr auto fields(auto list) {
      return list(field("leaderId", &LeaderIdAndEpoch::leader_id),
                  field("leaderEpoch", &LeaderIdAndEpoch::leader_epoch));
    }
  };

  struct PartitionSnapshot {
    std::int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    SnapshotId snapshot_id;
    LeaderIdAndEpoch current_leader;
    std::int64_t size = 0;
    std::int64_t position = 0;
    std::optional<Records> unaligned_records;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("index", &PartitionSnapshot::index),
                  field("errorCode", &PartitionSnapshot::error_code),
                  field("snapshotId", &PartitionSnapshot::snapshot_id),
                  field("currentLeader", &PartitionSnapshot::current_leader).tagged(0),
                  field("size", &PartitionSnapshot::size),
                  field("position", &PartitionSnapshot::position),
                  field("unalignedRecords", &PartitionSnapshot::unaligned_records).nullable());
    }
  };

  struct TopicSnapshot {
    String name;
    std::vector<PartitionSnapshot> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TopicSnapshot::name), field("partitions", &TopicSnapshot::partitions));
    }
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("nodeId", &NodeEndpoint::node_id),
                  field("host", &NodeEndpoint::host),
                  field("port", &NodeEndpoint::port));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicSnapshot> topics;
  std::vector<NodeEndpoint> node_endpoints;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &FetchSnapshotResponse::throttle_time_ms),
                field("errorCode", &FetchSnapshotResponse::error_code),
                field("topics", &FetchSnapshotResponse::topics),
                field("nodeEndpoints", &FetchSnapshotResponse::node_endpoints, since(1)).tagged(0));
  }
};

}  // namespace barnabas::protocol
