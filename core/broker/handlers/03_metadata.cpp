// Metadata (key 3), versions 0-12.
// Decides: which topics are meant, whether an unknown one is created. Does not decide: how (topics.cpp).
// Versions: 0 an empty list means all topics; 1 null means all, empty none, controller and rack; 2 cluster id;
//   4 the client says whether topics may be created; 5 offline replicas; 7 leader epochs; 8 authorized
//   operations (of the cluster until 10); 9 flexible; 10 topic ids in answers; 12 topics asked for by id.
// Unlike Kafka, which answers LEADER_NOT_AVAILABLE and creates afterwards, a topic that is created on demand is
// answered with its leaders, once it is durable.
// Errors: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID; INVALID_TOPIC_EXCEPTION for a bad name; INVALID_REQUEST for
//   a topic without a name before version 12; what a creation refuses.
#include <algorithm>

#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using Topic = MetadataResponse::MetadataResponseTopic;

void describe_partitions(const metadata::TopicInfo& info, Topic& topic) {
  for (std::size_t i = 0; i < info.partitions.size(); ++i) {
    const metadata::PartitionInfo& from = info.partitions[i];
    auto& to = topic.partitions.emplace_back();
    to.partition_index = static_cast<std::int32_t>(i);
    to.leader_id = from.leader.value();
    to.leader_epoch = from.leader_epoch.value();
    to.error_code = from.leader == kNoBroker ? ErrorCode::leader_not_available : ErrorCode::none;
    for (const BrokerId id : from.replicas) to.replica_nodes.push_back(id.value());
    for (const BrokerId id : from.isr) to.isr_nodes.push_back(id.value());
  }
}

Topic describe(const metadata::TopicInfo& info, const MetadataRequest& request) {
  Topic topic;
  topic.name = info.name;
  topic.topic_id = info.id;
  topic.is_internal = info.is_internal();
  if (request.include_topic_authorized_operations) topic.topic_authorized_operations = kAllTopicOperations;
  describe_partitions(info, topic);
  return topic;
}

Topic refused(std::string_view name, const Uuid& id, ErrorCode code) {
  Topic topic;
  topic.error_code = code;
  topic.name = name;
  topic.topic_id = id;
  topic.is_internal = metadata::is_internal_topic(name);
  return topic;
}

// An internal topic comes into being whatever auto.create.topics.enable says.
bool may_create(const RequestContext& context, const MetadataRequest& request, std::string_view name) {
  if (!request.allow_auto_topic_creation) return false;
  return name == metadata::kOffsetsTopic || context.services.config.get(metadata::keys::auto_create_topics_enable);
}

Task<Topic> by_name(RequestContext& context, const MetadataRequest& request, std::string name) {
  Topics& topics = context.services.topics;
  if (!context.allowed(Operation::describe, Resource::topic, name)) {
    co_return refused(name, Uuid{}, ErrorCode::topic_authorization_failed);
  }
  if (const metadata::TopicInfo* info = topics.image().topic(name)) co_return describe(*info, request);
  if (!metadata::validate_topic_name(name)) co_return refused(name, Uuid{}, ErrorCode::invalid_topic_exception);
  if (!may_create(context, request, name)) co_return refused(name, Uuid{}, ErrorCode::unknown_topic_or_partition);
  const ApiResult<metadata::TopicInfo> created = co_await topics.ensure(name);
  if (!created) co_return refused(name, Uuid{}, created.error().code);
  co_return describe(*created, request);
}

Task<Topic> one(RequestContext& context, const MetadataRequest& request,
                const MetadataRequest::MetadataRequestTopic& asked) {
  if (asked.name) co_return co_await by_name(context, request, asked.name->str());
  if (context.version() < 12) co_return refused("", asked.topic_id, ErrorCode::invalid_request);
  if (const metadata::TopicInfo* info = context.services.topics.image().topic(asked.topic_id)) {
    co_return describe(*info, request);
  }
  Topic topic = refused("", asked.topic_id, ErrorCode::unknown_topic_id);
  topic.name.reset();
  co_return topic;
}

void describe_cluster(const RequestContext& context, const MetadataRequest& request, MetadataResponse& response) {
  const metadata::ClusterImage& image = context.services.topics.image();
  for (const auto& [id, info] : image.brokers) {
    const metadata::BrokerEndpoint* endpoint = info.endpoint(context.listener.name);
    if (endpoint == nullptr) continue;
    auto& broker = response.brokers.emplace_back();
    broker.node_id = id.value();
    broker.host = endpoint->host;
    broker.port = endpoint->port;
    if (info.rack) broker.rack = *info.rack;
  }
  response.cluster_id = image.cluster_id;
  response.controller_id = image.controller.value();
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = kAllClusterOperations;
  }
}

}  // namespace

Task<MetadataResponse> handle_metadata(RequestContext& context, MetadataRequest request) {
  MetadataResponse response;
  const bool all = !request.topics || (context.version() == 0 && request.topics->empty());
  if (all) {
    for (const auto& [name, info] : context.services.topics.image().topics()) {
      if (context.allowed(Operation::describe, Resource::topic, name)) {
        response.topics.push_back(describe(info, request));
      }
    }
  } else {
    for (const auto& asked : *request.topics) response.topics.push_back(co_await one(context, request, asked));
  }
  describe_cluster(context, request, response);
  co_return response;
}

}  // namespace barnabas::broker
