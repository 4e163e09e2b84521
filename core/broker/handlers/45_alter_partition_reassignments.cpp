// AlterPartitionReassignments (key 45), version 0.
// Decides: who may ask. Does not decide: whether a set of replicas is legal, and how they get there
// (controller/reassignment.cpp).
// Errors: CLUSTER_AUTHORIZATION_FAILED; NOT_CONTROLLER; UNKNOWN_TOPIC_OR_PARTITION; INVALID_REPLICA_ASSIGNMENT;
//   NO_REASSIGNMENT_IN_PROGRESS.
#include "core/broker/cluster_request.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {

Task<protocol::AlterPartitionReassignmentsResponse> handle_alter_partition_reassignments(
    RequestContext& context, protocol::AlterPartitionReassignmentsRequest request) {
  if (context.allowed(Operation::alter, Resource::cluster, kClusterResource)) {
    co_return co_await context.services.controller.alter_reassignments(std::move(request));
  }
  co_return refused_cluster_request<protocol::AlterPartitionReassignmentsResponse>();
}

}  // namespace barnabas::broker
