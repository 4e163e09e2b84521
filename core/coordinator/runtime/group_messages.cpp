#include "core/coordinator/runtime/group_messages.hpp"

#include <algorithm>

namespace barnabas::coordinator {
namespace {

using group::ErrorCode;
using protocol::String;

std::optional<String> to_wire(const std::optional<std::string>& text) {
  return text ? std::optional(String(*text)) : std::nullopt;
}
Duration to_duration(std::int32_t ms) { return std::chrono::milliseconds(std::max(ms, 0)); }

}  // namespace

std::optional<std::string> own(const std::optional<String>& text) {
  return text ? std::optional(text->str()) : std::nullopt;
}

ErrorCode check(const group::GroupConfig& config, const protocol::JoinGroupRequest& request) {
  const Duration session = std::chrono::milliseconds(request.session_timeout_ms);
  if (session < config.min_session_timeout || session > config.max_session_timeout) {
    return ErrorCode::invalid_session_timeout;
  }
  bool fits = request.member_id.size() <= kMaxTextSize && request.protocol_type.size() <= kMaxTextSize;
  if (request.group_instance_id) fits = fits && request.group_instance_id->size() <= kMaxTextSize;
  for (const auto& each : request.protocols) fits = fits && each.name.size() <= kMaxTextSize;
  return fits ? ErrorCode::none : ErrorCode::invalid_request;
}

group::JoinInput to_input(const RequestContext& context, const protocol::JoinGroupRequest& request) {
  group::JoinInput input;
  input.member_id = request.member_id.str();
  input.instance_id = own(request.group_instance_id);
  input.client_id = context.client_id;
  input.client_host = context.client_host;
  input.require_known_member = context.api_version >= 4 && !request.group_instance_id;
  input.can_skip_assignment = context.api_version >= 9;
  input.session_timeout = to_duration(request.session_timeout_ms);
  // v0 knows one timeout for both.
  input.rebalance_timeout =
      context.api_version == 0 ? input.session_timeout : to_duration(request.rebalance_timeout_ms);
  input.protocol_type = request.protocol_type.str();
  for (const auto& each : request.protocols) {
    input.protocols.push_back({each.name.str(), Buffer::copy_of(each.metadata.view())});
  }
  return input;
}

protocol::JoinGroupResponse to_response(const group::JoinReply& reply) {
  protocol::JoinGroupResponse response;
  response.error_code = reply.error;
  response.generation_id = reply.generation;
  response.protocol_type = to_wire(reply.protocol_type);
  response.protocol_name = to_wire(reply.protocol);
  response.leader = String(reply.leader);
  response.skip_assignment = reply.skip_assignment;
  response.member_id = String(reply.member_id);
  for (const group::JoinedMember& member : reply.members) {
    auto& entry = response.members.emplace_back();
    entry.member_id = String(member.member_id);
    entry.group_instance_id = to_wire(member.instance_id);
    entry.metadata = member.metadata;
  }
  return response;
}

group::SyncInput to_input(const protocol::SyncGroupRequest& request) {
  group::SyncInput input;
  input.member_id = request.member_id.str();
  input.instance_id = own(request.group_instance_id);
  input.generation = request.generation_id;
  input.protocol_type = own(request.protocol_type);
  input.protocol = own(request.protocol_name);
  for (const auto& each : request.assignments) {
    input.assignments.emplace_back(each.member_id.str(), Buffer::copy_of(each.assignment.view()));
  }
  return input;
}

protocol::SyncGroupResponse to_response(const group::SyncReply& reply) {
  protocol::SyncGroupResponse response;
  response.error_code = reply.error;
  response.protocol_type = to_wire(reply.protocol_type);
  response.protocol_name = to_wire(reply.protocol);
  response.assignment = reply.assignment;
  return response;
}

std::vector<group::MemberIdentity> leavers_of(std::int16_t version, const protocol::LeaveGroupRequest& request) {
  std::vector<group::MemberIdentity> leavers;
  if (version < 3) {
    leavers.push_back({.member_id = request.member_id.str(), .instance_id = {}});
    return leavers;
  }
  for (const auto& member : request.members) {
    leavers.push_back({.member_id = member.member_id.str(), .instance_id = own(member.group_instance_id)});
  }
  return leavers;
}

protocol::LeaveGroupResponse to_response(std::int16_t version, const protocol::LeaveGroupRequest& request,
                                         const LeaveReply& reply) {
  protocol::LeaveGroupResponse response;
  response.error_code = reply.error;
  if (reply.error != ErrorCode::none) return response;
  if (version < 3) {
    response.error_code = reply.errors.front();
    return response;
  }
  for (std::size_t i = 0; i < request.members.size(); ++i) {
    auto& entry = response.members.emplace_back();
    entry.member_id = request.members[i].member_id.to_owned();
    entry.group_instance_id = to_wire(own(request.members[i].group_instance_id));
    entry.error_code = reply.errors[i];
  }
  return response;
}

}  // namespace barnabas::coordinator
