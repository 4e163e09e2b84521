// Requests of the group protocol to inputs of the machine, and its replies to responses.
//
// Inputs own what they hold: requests borrow from the network's buffer.
#pragma once

#include "core/coordinator/runtime/group_coordinator.hpp"
#include "core/coordinator/runtime/operation.hpp"
#include "core/protocol/messages/08_offset_commit.hpp"
#include "core/protocol/messages/11_join_group.hpp"
#include "core/protocol/messages/13_leave_group.hpp"
#include "core/protocol/messages/14_sync_group.hpp"

namespace barnabas::coordinator {

// Texts go into records with an int16 length, but the flexible versions of requests can carry longer ones.
inline constexpr std::size_t kMaxTextSize = 32767;

// none, invalid_session_timeout, or invalid_request (a text that does not fit a record).
group::ErrorCode check(const group::GroupConfig& config, const protocol::JoinGroupRequest& request);
group::JoinInput to_input(const RequestContext& context, const protocol::JoinGroupRequest& request);
protocol::JoinGroupResponse to_response(const group::JoinReply& reply);

group::SyncInput to_input(const protocol::SyncGroupRequest& request);
protocol::SyncGroupResponse to_response(const group::SyncReply& reply);

// v0-v2 name one member, v3+ a list.
std::vector<group::MemberIdentity> leavers_of(std::int16_t version, const protocol::LeaveGroupRequest& request);
protocol::LeaveGroupResponse to_response(std::int16_t version, const protocol::LeaveGroupRequest& request,
                                         const LeaveReply& reply);

std::optional<std::string> own(const std::optional<protocol::String>& text);

}  // namespace barnabas::coordinator
