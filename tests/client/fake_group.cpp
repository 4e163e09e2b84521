// FakeBroker's group: one member, who is its leader.
#include "core/protocol/internal/consumer_protocol.hpp"
#include "core/protocol/internal/versioned.hpp"
#include "tests/client/fake_broker.hpp"

namespace barnabas::client {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using protocol::Fragment;

template <class M>
std::vector<Fragment> reply(const protocol::RequestHeader& header, const M& message) {
  return protocol::encode_response_frame(message, header.api_version, header.correlation_id);
}

}  // namespace

std::vector<Fragment> FakeBroker::group_request(const Request& request) {
  const std::int16_t version = request.header.api_version;
  switch (request.header.api_key) {
    case ApiKey::find_coordinator: {
      protocol::FindCoordinatorResponse response;
      auto& found = response.coordinators.emplace_back();
      found.error_code = response.error_code = request.step.error;
      found.node_id = response.node_id = 7;
      found.host = response.host = host_;
      found.port = response.port = kPort;
      return reply(request.header, response);
    }
    case ApiKey::join_group: return join_group(request);
    case ApiKey::sync_group: {
      const auto wanted = protocol::decode<protocol::SyncGroupRequest>(request.body, version);
      protocol::SyncGroupResponse response;
      response.error_code = request.step.error;
      if (wanted->generation_id != generation) response.error_code = ErrorCode::illegal_generation;
      for (const auto& one : wanted->assignments) {
        if (one.member_id == member) response.assignment = one.assignment;
      }
      return reply(request.header, response);
    }
    case ApiKey::heartbeat: {
      const auto wanted = protocol::decode<protocol::HeartbeatRequest>(request.body, version);
      protocol::HeartbeatResponse response;
      response.error_code = request.step.error;
      if (wanted->generation_id != generation) response.error_code = ErrorCode::illegal_generation;
      if (wanted->member_id != member) response.error_code = ErrorCode::unknown_member_id;
      return reply(request.header, response);
    }
    case ApiKey::leave_group: {
      protocol::LeaveGroupResponse response;
      member.clear();
      return reply(request.header, response);
    }
    case ApiKey::offset_commit: return offset_commit(request);
    case ApiKey::offset_fetch: return offset_fetch(request);
    default: return {};
  }
}

std::vector<Fragment> FakeBroker::join_group(const Request& request) {
  const auto wanted = protocol::decode<protocol::JoinGroupRequest>(request.body, request.header.api_version);
  protocol::JoinGroupResponse response;
  response.error_code = request.step.error;
  if (wanted->member_id.empty() && response.error_code == ErrorCode::none) {
    response.error_code = ErrorCode::member_id_required;
    response.member_id = "member-" + std::to_string(generation + 1);
  }
  if (response.error_code != ErrorCode::none) return reply(request.header, response);
  member = wanted->member_id.str();
  response.generation_id = ++generation;
  response.protocol_type = wanted->protocol_type;
  response.protocol_name = wanted->protocols[0].name;
  response.leader = response.member_id = member;
  auto& only = response.members.emplace_back();
  only.member_id = member;
  only.metadata = wanted->protocols[0].metadata;
  return reply(request.header, response);
}

std::vector<Fragment> FakeBroker::offset_commit(const Request& request) {
  const auto wanted = protocol::decode<protocol::OffsetCommitRequest>(request.body, request.header.api_version);
  protocol::OffsetCommitResponse response;
  for (const auto& topic : wanted->topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_code = request.step.error;
      if (wanted->generation_id_or_member_epoch != generation) answer.error_code = ErrorCode::illegal_generation;
      if (answer.error_code != ErrorCode::none || !request.acts()) continue;
      committed[{topic.name.str(), PartitionId(partition.partition_index)}] = partition.committed_offset;
    }
  }
  return reply(request.header, response);
}

std::vector<Fragment> FakeBroker::offset_fetch(const Request& request) {
  const auto wanted = protocol::decode<protocol::OffsetFetchRequest>(request.body, request.header.api_version);
  protocol::OffsetFetchResponse response;
  const auto fill = [&](const auto& asked, auto& answers) {
    for (const auto& topic : asked) {
      auto& answer = answers.emplace_back();
      answer.name = topic.name;
      for (const std::int32_t index : topic.partition_indexes) {
        auto& one = answer.partitions.emplace_back();
        one.partition_index = index;
        const auto found = committed.find({topic.name.str(), PartitionId(index)});
        one.committed_offset = found == committed.end() ? -1 : found->second;
      }
    }
  };
  response.error_code = request.step.error;
  if (request.header.api_version >= 8) {
    auto& group = response.groups.emplace_back();
    group.group_id = wanted->groups[0].group_id;
    group.error_code = request.step.error;
    fill(*wanted->groups[0].topics, group.topics);
  } else {
    fill(*wanted->topics, response.topics);
  }
  return reply(request.header, response);
}

}  // namespace barnabas::client
