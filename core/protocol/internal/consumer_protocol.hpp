// What consumers tell each other through the group coordinator: the metadata of a JoinGroup and the
// assignment of a SyncGroup when the protocol type is "consumer".
//
// Their bytes begin with the int16 version: see versioned.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ConsumerProtocolSubscription {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = kNeverFlexible;

  struct TopicPartition {
    String topic;
    std::vector<std::int32_t> partitions;

    static constexpr auto fields(auto list) {
      return list(field("topic", &TopicPartition::topic), field("partitions", &TopicPartition::partitions));
    }
  };

  std::vector<String> topics;
  std::optional<Bytes> user_data;
  std::vector<TopicPartition> owned_partitions;
  std::int32_t generation_id = -1;
  std::optional<String> rack_id;

  static constexpr auto fields(auto list) {
    return list(field("topics", &ConsumerProtocolSubscription::topics),
                field("userData", &ConsumerProtocolSubscription::user_data).nullable(),
                field("ownedPartitions", &ConsumerProtocolSubscription::owned_partitions, since(1)),
                field("generationId", &ConsumerProtocolSubscription::generation_id, since(2)),
                field("rackId", &ConsumerProtocolSubscription::rack_id, since(3)).nullable());
  }
};

struct ConsumerProtocolAssignment {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = kNeverFlexible;

  struct TopicPartition {
    String topic;
    std::vector<std::int32_t> partitions;

    static constexpr auto fields(auto list) {
      return list(field("topic", &TopicPartition::topic), field("partitions", &TopicPartition::partitions));
    }
  };

  std::vector<TopicPartition> assigned_partitions;
  std::optional<Bytes> user_data;

  static constexpr auto fields(auto list) {
    return list(field("assignedPartitions", &ConsumerProtocolAssignment::assigned_partitions),
                field("userData", &ConsumerProtocolAssignment::user_data).nullable());
  }
};

}  // namespace barnabas::protocol
