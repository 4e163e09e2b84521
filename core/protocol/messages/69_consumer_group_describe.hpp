// ConsumerGroupDescribe (key 69), versions 0-1.
//
// KIP-848. v1 member types.
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

struct ConsumerGroupDescribeResponse;

struct ConsumerGroupDescribeRequest {
  using Response = ConsumerGroupDescribeResponse;
  static constexpr ApiKey kApiKey = ApiKey::consumer_group_describe;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  std::vector<String> group_ids;
  bool include_authorized_operations = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupIds", &ConsumerGroupDescribeRequest::group_ids),
                field("includeAuthorizedOperations", &ConsumerGroupDescribeRequest::include_authorized_operations));
  }
};

struct ConsumerGroupDescribeResponse {
  static constexpr ApiKey kApiKey = ApiKey::consumer_group_describe;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct TopicPartitions {
    Uuid topic_id;
    String topic_name;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &TopicPartitions::topic_id),
                  field("topicName", &TopicPartitions::topic_name),
                  field("partitions", &TopicPartitions::partitions));
    }
  };

  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) { return list(field("topicPartitions", &Assignment::topic_partitions)); }
  };

  struct Member {
    String member_id;
    std::optional<String> instance_id;
    std::optional<String> rack_id;
    std::int32_t member_epoch = 0;
    String client_id;
    String client_host;
    std::vector<String> subscribed_topic_names;
    std::optional<String> subscribed_topic_regex;
    Assignment assignment;
    Assignment target_assignment;
    std::int8_t member_type = -1;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("memberId", &Member::member_id),
                  field("instanceId", &Member::instance_id).nullable(),
                  field("rackId", &Member::rack_id).nullable(),
                  field("memberEpoch", &Member::member_epoch),
                  field("clientId", &Member::client_id),
                  field("clientHost", &Member::client_host),
                  field("subscribedTopicNames", &Member::subscribed_topic_names),
                  field("subscribedTopicRegex", &Member::subscribed_topic_regex).nullable(),
                  field("assignment", &Member::assignment),
                  field("targetAssignment", &Member::target_assignment),
                  field("memberType", &Member::member_type, since(1)));
    }
  };

  struct DescribedGroup {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    String group_id;
    String group_state;
    std::int32_t group_epoch = 0;
    std::int32_t assignment_epoch = 0;
    String assignor_name;
    std::vector<Member> members;
    std::int32_t authorized_operations = kAuthorizedOperationsOmitted;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &DescribedGroup::error_code),
                  field("errorMessage", &DescribedGroup::error_message).nullable(),
                  field("groupId", &DescribedGroup::group_id),
                  field("groupState", &DescribedGroup::group_state),
                  field("groupEpoch", &DescribedGroup::group_epoch),
                  field("assignmentEpoch", &DescribedGroup::assignment_epoch),
                  field("assignorName", &DescribedGroup::assignor_name),
                  field("members", &DescribedGroup::members),
                  field("authorizedOperations", &DescribedGroup::authorized_operations));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ConsumerGroupDescribeResponse::throttle_time_ms),
                field("groups", &ConsumerGroupDescribeResponse::groups));
  }
};

}  // namespace barnabas::protocol
