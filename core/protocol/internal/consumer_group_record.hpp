// Records of __consumer_offsets: groups of the protocol of KIP-848, as Kafka 3.9 writes them in KRaft mode. A null
// value deletes.
//
// Their bytes begin with the int16 version: see versioned.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ConsumerGroupMetadataKey {
  static constexpr std::int16_t kMinVersion = 3, kMaxVersion = 3, kFlexibleSince = kNeverFlexible;

  String group_id;

  static constexpr auto fields(auto list) { return list(field("groupId", &ConsumerGroupMetadataKey::group_id)); }
};

struct ConsumerGroupMetadataValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t epoch = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("epoch", &ConsumerGroupMetadataValue::epoch)); }
};

struct ConsumerGroupMemberMetadataKey {
  static constexpr std::int16_t kMinVersion = 5, kMaxVersion = 5, kFlexibleSince = kNeverFlexible;

  String group_id;
  String member_id;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ConsumerGroupMemberMetadataKey::group_id),
                field("memberId", &ConsumerGroupMemberMetadataKey::member_id));
  }
};

struct ConsumerGroupMemberMetadataValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct ClassicProtocol {
    String name;
    Bytes metadata;
    UnknownTags unknown_tags;

    bool operator==(const ClassicProtocol&) const = default;
    static constexpr auto fields(auto list) {
      return list(field("name", &ClassicProtocol::name), field("metadata", &ClassicProtocol::metadata));
    }
  };

  struct ClassicMemberMetadata {
    std::int32_t session_timeout_ms = 0;
    std::vector<ClassicProtocol> supported_protocols;
    UnknownTags unknown_tags;

    bool operator==(const ClassicMemberMetadata&) const = default;
    static constexpr auto fields(auto list) {
      return list(field("sessionTimeoutMs", &ClassicMemberMetadata::session_timeout_ms),
                  field("supportedProtocols", &ClassicMemberMetadata::supported_protocols));
    }
  };

  std::optional<String> instance_id;
  std::optional<String> rack_id;
  String client_id;
  String client_host;
  std::vector<String> subscribed_topic_names;
  std::optional<String> subscribed_topic_regex;
  std::int32_t rebalance_timeout_ms = -1;
  std::optional<String> server_assignor;
  std::optional<ClassicMemberMetadata> classic_member_metadata = ClassicMemberMetadata{};
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("instanceId", &ConsumerGroupMemberMetadataValue::instance_id).nullable(),
                field("rackId", &ConsumerGroupMemberMetadataValue::rack_id).nullable(),
                field("clientId", &ConsumerGroupMemberMetadataValue::client_id),
                field("clientHost", &ConsumerGroupMemberMetadataValue::client_host),
                field("subscribedTopicNames", &ConsumerGroupMemberMetadataValue::subscribed_topic_names),
                field("subscribedTopicRegex", &ConsumerGroupMemberMetadataValue::subscribed_topic_regex).nullable(),
                field("rebalanceTimeoutMs", &ConsumerGroupMemberMetadataValue::rebalance_timeout_ms),
                field("serverAssignor", &ConsumerGroupMemberMetadataValue::server_assignor).nullable(),
                field("classicMemberMetadata", &ConsumerGroupMemberMetadataValue::classic_member_metadata)
                    .nullable()
                    .tagged(0));
  }
};

struct ConsumerGroupPartitionMetadataKey {
  static constexpr std::int16_t kMinVersion = 4, kMaxVersion = 4, kFlexibleSince = kNeverFlexible;

  String group_id;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ConsumerGroupPartitionMetadataKey::group_id));
  }
};

struct ConsumerGroupPartitionMetadataValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct PartitionMetadata {
    std::int32_t partition = 0;
    std::vector<String> racks;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionMetadata::partition), field("racks", &PartitionMetadata::racks));
    }
  };

  struct TopicMetadata {
    Uuid topic_id;
    String topic_name;
    std::int32_t num_partitions = 0;
    std::vector<PartitionMetadata> partition_metadata;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &TopicMetadata::topic_id),
                  field("topicName", &TopicMetadata::topic_name),
                  field("numPartitions", &TopicMetadata::num_partitions),
                  field("partitionMetadata", &TopicMetadata::partition_metadata));
    }
  };

  std::vector<TopicMetadata> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("topics", &ConsumerGroupPartitionMetadataValue::topics));
  }
};

struct ConsumerGroupTargetAssignmentMetadataKey {
  static constexpr std::int16_t kMinVersion = 6, kMaxVersion = 6, kFlexibleSince = kNeverFlexible;

  String group_id;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ConsumerGroupTargetAssignmentMetadataKey::group_id));
  }
};

struct ConsumerGroupTargetAssignmentMetadataValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t assignment_epoch = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("assignmentEpoch", &ConsumerGroupTargetAssignmentMetadataValue::assignment_epoch));
  }
};

struct ConsumerGroupTargetAssignmentMemberKey {
  static constexpr std::int16_t kMinVersion = 7, kMaxVersion = 7, kFlexibleSince = kNeverFlexible;

  String group_id;
  String member_id;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ConsumerGroupTargetAssignmentMemberKey::group_id),
                field("memberId", &ConsumerGroupTargetAssignmentMemberKey::member_id));
  }
};

struct ConsumerGroupTargetAssignmentMemberValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct TopicPartition {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &TopicPartition::topic_id), field("partitions", &TopicPartition::partitions));
    }
  };

  std::vector<TopicPartition> topic_partitions;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("topicPartitions", &ConsumerGroupTargetAssignmentMemberValue::topic_partitions));
  }
};

struct ConsumerGroupCurrentMemberAssignmentKey {
  static constexpr std::int16_t kMinVersion = 8, kMaxVersion = 8, kFlexibleSince = kNeverFlexible;

  String group_id;
  String member_id;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ConsumerGroupCurrentMemberAssignmentKey::group_id),
                field("memberId", &ConsumerGroupCurrentMemberAssignmentKey::member_id));
  }
};

struct ConsumerGroupCurrentMemberAssignmentValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &TopicPartitions::topic_id), field("partitions", &TopicPartitions::partitions));
    }
  };

  std::int32_t member_epoch = 0;
  std::int32_t previous_member_epoch = 0;
  std::int8_t state = 0;
  std::vector<TopicPartitions> assigned_partitions;
  std::vector<TopicPartitions> partitions_pending_revocation;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("memberEpoch", &ConsumerGroupCurrentMemberAssignmentValue::member_epoch),
                field("previousMemberEpoch", &ConsumerGroupCurrentMemberAssignmentValue::previous_member_epoch),
                field("state", &ConsumerGroupCurrentMemberAssignmentValue::state),
                field("assignedPartitions", &ConsumerGroupCurrentMemberAssignmentValue::assigned_partitions),
                field("partitionsPendingRevocation",
                      &ConsumerGroupCurrentMemberAssignmentValue::partitions_pending_revocation));
  }
};

}  // namespace barnabas::protocol
