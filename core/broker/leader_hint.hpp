// To a client that asked the wrong broker, or believes in an old leader epoch: who leads now (KIP-951).
#pragma once

#include <algorithm>

#include "core/broker/services.hpp"

namespace barnabas::broker {

// The answer of one partition, of Produce or Fetch, and the response that it becomes part of.
template <class Answer, class Response>
void tell_leader(const RequestContext& context, const TopicPartition& id, Answer& answer, Response& response) {
  if (answer.error_code != protocol::ErrorCode::not_leader_or_follower &&
      answer.error_code != protocol::ErrorCode::fenced_leader_epoch) {
    return;
  }
  const metadata::ClusterImage& image = context.services.metadata.image();
  BrokerId leader = kNoBroker;
  LeaderEpoch epoch = kNoLeaderEpoch;
  if (const metadata::PartitionInfo* told = image.partition(id)) {
    leader = told->leader;
    epoch = told->leader_epoch;
  }
  // What the partition was told itself may be newer.
  const auto partition = context.services.partitions.find(id);
  if (partition && partition->role() != replication::Role::none && partition->leader_epoch() > epoch) {
    leader = partition->leader();
    epoch = partition->leader_epoch();
  }
  if (epoch == kNoLeaderEpoch) return;
  answer.current_leader.leader_id = leader.value();
  answer.current_leader.leader_epoch = epoch.value();
  const metadata::BrokerInfo* broker = image.broker(leader);
  const metadata::BrokerEndpoint* at = broker == nullptr ? nullptr : broker->endpoint(context.listener.name);
  const auto is_it = [&](const auto& endpoint) { return endpoint.node_id == leader.value(); };
  if (at == nullptr || std::ranges::any_of(response.node_endpoints, is_it)) return;
  auto& endpoint = response.node_endpoints.emplace_back();
  endpoint.node_id = leader.value();
  endpoint.host = at->host;
  endpoint.port = at->port;
  if (broker->rack) endpoint.rack = *broker->rack;
}

}  // namespace barnabas::broker
