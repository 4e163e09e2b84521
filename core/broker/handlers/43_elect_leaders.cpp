// ElectLeaders (key 43), versions 0-2.
// Decides: that no election is needed where there is a leader. A broker that is alone leads every partition it serves.
// Versions: 1 unclean elections; 2 flexible.
// Errors: CLUSTER_AUTHORIZATION_FAILED; UNKNOWN_TOPIC_OR_PARTITION; ELECTION_NOT_NEEDED, which is left out when all
//   partitions were meant; PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE where nobody can lead.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::ErrorCode;

constexpr std::int8_t kPreferred = 0;

ApiError outcome(const metadata::PartitionInfo* partition, std::int8_t type) {
  if (partition == nullptr) return {ErrorCode::unknown_topic_or_partition, "The partition does not exist."};
  const bool elected = type == kPreferred ? partition->leader == partition->replicas.front() : true;
  if (partition->leader != kNoBroker && elected) {
    return {ErrorCode::election_not_needed, "Leader election not needed for topic partition."};
  }
  return {type == kPreferred ? ErrorCode::preferred_leader_not_available : ErrorCode::eligible_leaders_not_available,
          "no replica that may lead is alive"};
}

void add(ElectLeadersResponse::ReplicaElectionResult& row, std::int32_t index, const ApiError& error) {
  auto& answer = row.partition_result.emplace_back();
  answer.partition_id = index;
  answer.error_code = error.code;
  if (!error.message.empty()) answer.error_message = protocol::String(error.message);
}

void try_all(const metadata::ClusterImage& image, std::int8_t type, ElectLeadersResponse& response) {
  for (const auto& [name, topic] : image.topics()) {
    ElectLeadersResponse::ReplicaElectionResult row;
    row.topic = name;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      const ApiError error = outcome(&topic.partitions[i], type);
      if (error.code != ErrorCode::election_not_needed) add(row, static_cast<std::int32_t>(i), error);
    }
    if (!row.partition_result.empty()) response.replica_election_results.push_back(std::move(row));
  }
}

}  // namespace

Task<ElectLeadersResponse> handle_elect_leaders(RequestContext& context, ElectLeadersRequest request) {
  ElectLeadersResponse response;
  const metadata::ClusterImage& image = context.services.topics.image();
  const bool allowed = context.allowed(Operation::alter, Resource::cluster, kClusterResource);
  if (!allowed) response.error_code = ErrorCode::cluster_authorization_failed;
  if (!request.topic_partitions) {
    if (allowed) try_all(image, request.election_type, response);
    co_return response;
  }
  for (const auto& topic : *request.topic_partitions) {
    auto& row = response.replica_election_results.emplace_back();
    row.topic = topic.topic;
    for (const std::int32_t index : topic.partitions) {
      const ApiError error = allowed ? outcome(image.partition(topic.topic, PartitionId(index)), request.election_type)
                                     : ApiError{ErrorCode::cluster_authorization_failed, ""};
      add(row, index, error);
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
