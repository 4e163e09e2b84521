// ElectLeaders (key 43), versions 0-2.
// Decides: who may ask. Does not decide: who leads (controller/partition_rules.cpp).
// Versions: 1 unclean elections; 2 flexible.
// Errors: CLUSTER_AUTHORIZATION_FAILED; NOT_CONTROLLER; UNKNOWN_TOPIC_OR_PARTITION; ELECTION_NOT_NEEDED, which is left
//   out when all partitions were meant; PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE where nobody can
//   lead.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {

Task<protocol::ElectLeadersResponse> handle_elect_leaders(RequestContext& context,
                                                          protocol::ElectLeadersRequest request) {
  if (context.allowed(Operation::alter, Resource::cluster, kClusterResource)) {
    co_return co_await context.services.controller.elect_leaders(std::move(request));
  }
  using protocol::ErrorCode;
  protocol::ElectLeadersResponse response;
  response.error_code = ErrorCode::cluster_authorization_failed;
  if (!request.topic_partitions) co_return response;
  for (const auto& topic : *request.topic_partitions) {
    auto& row = response.replica_election_results.emplace_back();
    row.topic = topic.topic;
    for (const std::int32_t index : topic.partitions) {
      auto& answer = row.partition_result.emplace_back();
      answer.partition_id = index;
      answer.error_code = ErrorCode::cluster_authorization_failed;
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
