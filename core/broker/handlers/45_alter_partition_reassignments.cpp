// AlterPartitionReassignments (key 45), version 0.
// Decides: whether a set of replicas is legal. A broker that is alone can be the only replica, and is; so a legal
// wish is fulfilled before it is asked for, and there never is one to cancel.
// Errors: CLUSTER_AUTHORIZATION_FAILED; UNKNOWN_TOPIC_OR_PARTITION; INVALID_REPLICA_ASSIGNMENT;
//   NO_REASSIGNMENT_IN_PROGRESS.
#include <algorithm>
#include <set>

#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::AlterPartitionReassignmentsRequest;
using protocol::AlterPartitionReassignmentsResponse;
using protocol::ErrorCode;
using Ids = std::vector<std::int32_t>;

std::string list_of(const Ids& ids) {
  std::string text;
  for (const std::int32_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

std::optional<ApiError> check_replicas(const metadata::ClusterImage& image, const Ids& replicas) {
  const auto bad = [](std::string message) {
    return ApiError{ErrorCode::invalid_replica_assignment, std::move(message)};
  };
  if (replicas.empty()) return bad("Empty replica list specified in partition reassignment.");
  if (std::set<std::int32_t>(replicas.begin(), replicas.end()).size() != replicas.size()) {
    return bad("Duplicate replica ids in partition reassignment replica list: " + list_of(replicas));
  }
  if (std::ranges::any_of(replicas, [](std::int32_t id) { return id < 0; })) {
    return bad("Invalid broker id in replica list: " + list_of(replicas));
  }
  Ids dead;
  Ids live;
  for (const BrokerId id : image.live_brokers()) live.push_back(id.value());
  std::ranges::copy_if(replicas, std::back_inserter(dead),
                       [&](std::int32_t id) { return std::ranges::find(live, id) == live.end(); });
  if (dead.empty()) return std::nullopt;
  return bad("Replica assignment has brokers that are not alive. Replica list: " + list_of(dead) +
             ", live broker list: " + list_of(live));
}

std::optional<ApiError> outcome(const metadata::ClusterImage& image, std::string_view topic, std::int32_t index,
                                const std::optional<Ids>& replicas) {
  if (!replicas) {
    return ApiError{ErrorCode::no_reassignment_in_progress, "No partition reassignment is in progress."};
  }
  if (auto bad = check_replicas(image, *replicas)) return bad;
  if (image.partition(topic, PartitionId(index)) == nullptr) {
    return ApiError{ErrorCode::unknown_topic_or_partition, "The partition does not exist."};
  }
  return std::nullopt;
}

}  // namespace

Task<AlterPartitionReassignmentsResponse> handle_alter_partition_reassignments(
    RequestContext& context, AlterPartitionReassignmentsRequest request) {
  AlterPartitionReassignmentsResponse response;
  if (!context.allowed(Operation::alter, Resource::cluster, kClusterResource)) {
    response.error_code = ErrorCode::cluster_authorization_failed;
    co_return response;
  }
  for (const auto& topic : request.topics) {
    auto& row = response.responses.emplace_back();
    row.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& answer = row.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      const auto error = outcome(context.services.topics.image(), topic.name, asked.partition_index, asked.replicas);
      if (!error) continue;
      answer.error_code = error->code;
      answer.error_message = protocol::String(error->message);
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
