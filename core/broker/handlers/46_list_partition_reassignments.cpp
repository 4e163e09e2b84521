// ListPartitionReassignments (key 46), version 0.
// Decides: which partitions are shown: those whose replicas are on the move.
// Errors: CLUSTER_AUTHORIZATION_FAILED.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::ListPartitionReassignmentsRequest;
using protocol::ListPartitionReassignmentsResponse;
using Row = ListPartitionReassignmentsResponse::OngoingTopicReassignment;

std::vector<std::int32_t> ids_of(const std::vector<BrokerId>& brokers) {
  std::vector<std::int32_t> ids;
  for (const BrokerId id : brokers) ids.push_back(id.value());
  return ids;
}

void show(const metadata::PartitionInfo* partition, std::int32_t index, Row& row) {
  if (partition == nullptr || (partition->adding_replicas.empty() && partition->removing_replicas.empty())) return;
  auto& shown = row.partitions.emplace_back();
  shown.partition_index = index;
  shown.replicas = ids_of(partition->replicas);
  shown.adding_replicas = ids_of(partition->adding_replicas);
  shown.removing_replicas = ids_of(partition->removing_replicas);
}

}  // namespace

Task<ListPartitionReassignmentsResponse> handle_list_partition_reassignments(
    RequestContext& context, ListPartitionReassignmentsRequest request) {
  ListPartitionReassignmentsResponse response;
  if (!context.allowed(Operation::describe, Resource::cluster, kClusterResource)) {
    response.error_code = protocol::ErrorCode::cluster_authorization_failed;
    co_return response;
  }
  const metadata::ClusterImage& image = context.services.topics.image();
  const auto add = [&](Row row) {
    if (!row.partitions.empty()) response.topics.push_back(std::move(row));
  };
  if (request.topics) {
    for (const auto& asked : *request.topics) {
      Row row;
      row.name = asked.name;
      for (const std::int32_t index : asked.partition_indexes) {
        show(image.partition(asked.name, PartitionId(index)), index, row);
      }
      add(std::move(row));
    }
    co_return response;
  }
  for (const auto& [name, topic] : image.topics()) {
    Row row;
    row.name = name;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      show(&topic.partitions[i], static_cast<std::int32_t>(i), row);
    }
    add(std::move(row));
  }
  co_return response;
}

}  // namespace barnabas::broker
