// Metadata (key 3), versions 0-12.
// Decides: which topics are meant, whether an unknown one is created. Does not decide: how (topics.cpp).
// Versions: 0 an empty list means all topics; 1 null means all, empty none, controller and rack; 2 cluster id;
//   4 the client says whether topics may be created; 5 offline replicas; 7 leader epochs; 8 authorized
//   operations (of the cluster until 10); 9 flexible; 10 topic ids in answers; 12 topics asked for by id.
// Unlike Kafka, which answers LEADER_NOT_AVAILABLE and creates afterwards, a topic that is created on demand is
// answered with its leaders, if the controller elects them soon.
// A leader whose broker is not alive, as far as this one was told, is no leader. Versions before 1 know no replicas
// that are down: clients take them for an error, so those of them are left out.
// Errors: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID; LEADER_NOT_AVAILABLE, also for a topic that is being created;
// INVALID_TOPIC_EXCEPTION for a bad name; INVALID_REQUEST,
//   for all topics and without brokers, when one is asked for by id before version 12; what a creation refuses.
#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "core/async/pace.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using Topic = MetadataResponse::MetadataResponseTopic;

constexpr std::int16_t kListenerNotFoundSince = 6;
constexpr std::int16_t kAskedByIdSince = 12;

// Brokers that the client can be told of: they are alive, and have the listener that it came in by.
bool is_reachable(const RequestContext& context, BrokerId id) {
  const metadata::BrokerInfo* broker = context.services.metadata.image().broker(id);
  return broker != nullptr && broker->endpoint(context.listener.name) != nullptr;
}

std::vector<std::int32_t> ids_of(const RequestContext& context, const std::vector<BrokerId>& brokers) {
  std::vector<std::int32_t> ids;
  for (const BrokerId id : brokers) {
    if (context.version() > 0 || is_reachable(context, id)) ids.push_back(id.value());
  }
  return ids;
}

std::vector<std::int32_t> offline_of(const RequestContext& context, const metadata::PartitionInfo& partition) {
  std::vector<std::int32_t> ids;
  for (const BrokerId id : partition.replicas) {
    const bool told = std::ranges::find(partition.offline_replicas, id) != partition.offline_replicas.end();
    if (told || !is_reachable(context, id)) ids.push_back(id.value());
  }
  return ids;
}

// LISTENER_NOT_FOUND where the leader is alive but not to be reached from here; older clients know it as the other.
ErrorCode error_of(const RequestContext& context, const metadata::PartitionInfo& partition) {
  if (partition.leader == kNoBroker) return ErrorCode::leader_not_available;
  if (is_reachable(context, partition.leader)) return ErrorCode::none;
  const bool alive = context.services.metadata.image().broker(partition.leader) != nullptr;
  return alive && context.version() >= kListenerNotFoundSince ? ErrorCode::listener_not_found
                                                              : ErrorCode::leader_not_available;
}

void describe_partitions(const RequestContext& context, const metadata::TopicInfo& info, Topic& topic) {
  for (std::size_t i = 0; i < info.partitions.size(); ++i) {
    const metadata::PartitionInfo& from = info.partitions[i];
    if (from.replicas.empty()) continue;  // Not told of yet.
    auto& to = topic.partitions.emplace_back();
    to.partition_index = static_cast<std::int32_t>(i);
    to.error_code = error_of(context, from);
    to.leader_id = to.error_code == ErrorCode::none ? from.leader.value() : kNoBroker.value();
    to.leader_epoch = from.leader_epoch.value();
    to.replica_nodes = ids_of(context, from.replicas);
    to.isr_nodes = ids_of(context, from.isr);
    to.offline_replicas = offline_of(context, from);
  }
}

Topic describe(const RequestContext& context, const metadata::TopicInfo& info, const MetadataRequest& request) {
  Topic topic;
  topic.name = info.name;
  topic.topic_id = info.id;
  topic.is_internal = info.is_internal();
  if (request.include_topic_authorized_operations) topic.topic_authorized_operations = kAllTopicOperations;
  describe_partitions(context, info, topic);
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
  const metadata::TopicInfo* known = context.services.metadata.image().topic(name);
  if (known != nullptr) co_return describe(context, *known, request);
  if (!metadata::validate_topic_name(name)) co_return refused(name, Uuid{}, ErrorCode::invalid_topic_exception);
  if (!may_create(context, request, name)) co_return refused(name, Uuid{}, ErrorCode::unknown_topic_or_partition);
  const ApiResult<metadata::TopicInfo> created = co_await topics.ensure(name);
  if (!created) co_return refused(name, Uuid{}, created.error().code);
  co_return describe(context, *created, request);
}

// By an id, or by nothing: versions 10 and 11 have the fields, but they must not be used.
bool asks_by_id(const MetadataRequest& request) {
  return request.topics && std::ranges::any_of(*request.topics, [](const auto& asked) {
           return !asked.name || !asked.topic_id.is_zero();
         });
}

Task<Topic> one(RequestContext& context, const MetadataRequest& request,
                const MetadataRequest::MetadataRequestTopic& asked) {
  if (asked.name) co_return co_await by_name(context, request, asked.name->str());
  if (const metadata::TopicInfo* info = context.services.metadata.image().topic(asked.topic_id)) {
    co_return describe(context, *info, request);
  }
  Topic topic = refused("", asked.topic_id, ErrorCode::unknown_topic_id);
  topic.name.reset();
  co_return topic;
}

void describe_cluster(const RequestContext& context, const MetadataRequest& request, MetadataResponse& response) {
  const metadata::ClusterImage& image = context.services.metadata.image();
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
  if (context.version() < kAskedByIdSince && asks_by_id(request)) {
    for (const auto& asked : *request.topics) {
      const std::string name = asked.name ? asked.name->str() : "";
      response.topics.push_back(refused(name, asked.topic_id, ErrorCode::invalid_request));
    }
    co_return response;
  }
  const bool all = !request.topics || (context.version() == 0 && request.topics->empty());
  if (all) {
    for (const auto& [name, info] : context.services.metadata.image().topics()) {
      if (context.allowed(Operation::describe, Resource::topic, name)) {
        response.topics.push_back(describe(context, info, request));
      }
    }
  } else {
    std::set<std::pair<std::string_view, Uuid>> seen;
    Pace pace(context.services.env.executor);
    for (const auto& asked : *request.topics) {
      co_await pace.step();
      if (!seen.emplace(asked.name ? asked.name->view() : "", asked.topic_id).second) continue;
      response.topics.push_back(co_await one(context, request, asked));
    }
  }
  describe_cluster(context, request, response);
  co_return response;
}

}  // namespace barnabas::broker
