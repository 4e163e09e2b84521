// ListPartitionReassignments (key 46), version 0.
// Decides: who may ask. Does not decide: which partitions are shown: those whose replicas are on the move
// (controller/reassignment.cpp).
// Errors: CLUSTER_AUTHORIZATION_FAILED; NOT_CONTROLLER.
#include "core/broker/cluster_request.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {

Task<protocol::ListPartitionReassignmentsResponse> handle_list_partition_reassignments(
    RequestContext& context, protocol::ListPartitionReassignmentsRequest request) {
  if (context.allowed(Operation::describe, Resource::cluster, kClusterResource)) {
    co_return co_await context.services.controller.list_reassignments(std::move(request));
  }
  co_return refused_cluster_request<protocol::ListPartitionReassignmentsResponse>();
}

}  // namespace barnabas::broker
