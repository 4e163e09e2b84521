// DescribeGroups, ListGroups, DeleteGroups and OffsetDelete.
#include <algorithm>

#include "core/async/pace.hpp"
#include "core/coordinator/runtime/group_coordinator.hpp"
#include "core/coordinator/runtime/group_messages.hpp"
#include "core/coordinator/runtime/shard.hpp"
#include "core/protocol/messages/15_describe_groups.hpp"
#include "core/protocol/messages/16_list_groups.hpp"
#include "core/protocol/messages/42_delete_groups.hpp"
#include "core/protocol/messages/47_offset_delete.hpp"

namespace barnabas::coordinator {
namespace {

using group::ErrorCode;
using protocol::DescribeGroupsResponse;
using protocol::String;

constexpr std::string_view kClassic = "classic";

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool passes(const std::vector<String>& filter, std::string_view value) {
  return filter.empty() ||
         std::ranges::any_of(filter, [value](const String& wanted) { return equal_ignoring_case(wanted, value); });
}

void describe(const group::Group& group, DescribeGroupsResponse::DescribedGroup& into) {
  const group::GroupDescription description = group.describe();
  into.group_state = String(description.state);
  into.protocol_type = String(description.protocol_type);
  into.protocol_data = String(description.protocol);
  for (const group::MemberMetadata& member : description.members) {
    auto& entry = into.members.emplace_back();
    entry.member_id = String(member.member_id);
    if (member.instance_id) entry.group_instance_id = String(*member.instance_id);
    entry.client_id = String(member.client_id);
    entry.client_host = String(member.client_host);
    entry.member_metadata = member.subscription;
    entry.member_assignment = member.assignment;
  }
}

}  // namespace

Task<DescribeGroupsResponse> GroupCoordinator::describe_groups(RequestContext,
                                                               const protocol::DescribeGroupsRequest& request) {
  DescribeGroupsResponse response;
  Pace pace(env_.executor);
  for (const String& name : request.groups) {
    co_await pace.step();
    auto& entry = response.groups.emplace_back();
    entry.group_id = name.to_owned();
    const auto shard = shard_for(name, true);
    if (!shard) {
      entry.error_code = shard.error();
    } else if (const group::Group* found = (*shard)->find(name)) {
      describe(*found, entry);
    } else {
      entry.group_state = String("Dead");
    }
  }
  co_return response;
}

Task<protocol::ListGroupsResponse> GroupCoordinator::list_groups(RequestContext,
                                                                 const protocol::ListGroupsRequest& request) {
  protocol::ListGroupsResponse response;
  if (stopped_) response.error_code = ErrorCode::coordinator_not_available;
  for (const auto& [partition, shard] : shards_) {
    if (shard->status() != ErrorCode::none) {
      if (shard->status() == ErrorCode::coordinator_load_in_progress) response.error_code = shard->status();
      continue;
    }
    for (const group::Group* each : shard->all()) {
      const std::string_view state = name_of(each->state());
      if (!passes(request.states_filter, state) || !passes(request.types_filter, kClassic)) continue;
      auto& entry = response.groups.emplace_back();
      entry.group_id = String(each->id());
      entry.protocol_type = String(each->protocol_type());
      entry.group_state = String(state);
      entry.group_type = String(kClassic);
    }
  }
  co_return response;
}

Task<protocol::DeleteGroupsResponse> GroupCoordinator::delete_groups(RequestContext,
                                                                     const protocol::DeleteGroupsRequest& request) {
  protocol::DeleteGroupsResponse response;
  std::vector<std::unique_ptr<AnswerSlot>> slots;  // None where the answer is there already.
  Pace pace(env_.executor);
  for (const String& name : request.groups_names) {
    co_await pace.step();
    auto& entry = response.results.emplace_back();
    entry.group_id = name.to_owned();
    auto& slot = slots.emplace_back();
    const auto shard = shard_for(name, true);
    if (!shard) {
      entry.error_code = shard.error();
      continue;
    }
    slot = std::make_unique<AnswerSlot>(env_.executor, context_->waiters);
    (*shard)->submit(name, DeleteOperation{slot->id()});
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (!slots[i]) continue;
    co_await slots[i]->wait();
    response.results[i].error_code = slots[i]->take<DeleteReply>().error;
  }
  co_return response;
}

Task<protocol::OffsetDeleteResponse> GroupCoordinator::offset_delete(RequestContext,
                                                                     const protocol::OffsetDeleteRequest& request) {
  protocol::OffsetDeleteResponse response;
  const auto shard = shard_for(request.group_id, true);
  if (!shard) {
    response.error_code = shard.error();
    co_return response;
  }
  ForgetOperation forget;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      forget.keys.push_back({request.group_id.str(), topic.name.str(), PartitionId(partition.partition_index)});
    }
  }
  AnswerSlot slot(env_.executor, context_->waiters);
  forget.waiter = slot.id();
  (*shard)->submit(request.group_id, std::move(forget));
  co_await slot.wait();
  const ForgetReply reply = slot.take<ForgetReply>();
  response.error_code = reply.error;
  if (reply.error != ErrorCode::none) co_return response;
  auto next = reply.errors.begin();
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name.to_owned();
    for (const auto& partition : topic.partitions) {
      auto& entry = answered.partitions.emplace_back();
      entry.partition_index = partition.partition_index;
      entry.error_code = *next++;
    }
  }
  co_return response;
}

}  // namespace barnabas::coordinator
