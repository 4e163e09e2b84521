// DescribeCluster (key 60), versions 0-1.
// Decides: nothing; it shows the cluster image. Does not decide: who is in it (metadata/topic_store.cpp).
// Versions: 1 the kind of endpoints asked for: brokers, or controllers, which KRaft has.
// Errors: MISMATCHED_ENDPOINT_TYPE for controllers, UNSUPPORTED_ENDPOINT_TYPE for any other kind.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

constexpr std::int8_t kBrokers = 1;
constexpr std::int8_t kControllers = 2;

}  // namespace

Task<protocol::DescribeClusterResponse> handle_describe_cluster(RequestContext& context,
                                                                protocol::DescribeClusterRequest request) {
  protocol::DescribeClusterResponse response;
  if (request.endpoint_type != kBrokers) {
    response.error_code = request.endpoint_type == kControllers ? protocol::ErrorCode::mismatched_endpoint_type
                                                                : protocol::ErrorCode::unsupported_endpoint_type;
    response.error_message = "only brokers can be described";
    co_return response;
  }
  const metadata::ClusterImage& image = context.services.metadata.image();
  response.cluster_id = image.cluster_id;
  response.controller_id = image.controller.value();
  for (const auto& [id, info] : image.brokers) {
    const metadata::BrokerEndpoint* endpoint = info.endpoint(context.listener.name);
    if (endpoint == nullptr) continue;
    auto& broker = response.brokers.emplace_back();
    broker.broker_id = id.value();
    broker.host = endpoint->host;
    broker.port = endpoint->port;
    if (info.rack) broker.rack = *info.rack;
  }
  if (request.include_cluster_authorized_operations) {
    const bool allowed = context.allowed(Operation::describe, Resource::cluster, kClusterResource);
    response.cluster_authorized_operations = allowed ? kAllClusterOperations : 0;
  }
  co_return response;
}

}  // namespace barnabas::broker
