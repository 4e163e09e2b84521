#include "core/client/cluster.hpp"

#include "core/protocol/messages/03_metadata.hpp"

namespace barnabas::client {
namespace {

std::vector<BrokerId> broker_ids(const std::vector<std::int32_t>& ids) {
  std::vector<BrokerId> result;
  for (const std::int32_t id : ids) result.emplace_back(id);
  return result;
}

TopicInfo read_topic(const protocol::MetadataResponse::MetadataResponseTopic& topic, const TopicInfo* before) {
  TopicInfo info;
  info.error = topic.error_code;
  info.id = topic.topic_id;
  for (const auto& partition : topic.partitions) {
    if (partition.partition_index < 0) continue;
    const auto index = static_cast<std::size_t>(partition.partition_index);
    if (index >= topic.partitions.size()) continue;  // Partitions are numbered without gaps.
    info.partitions.resize(std::max(info.partitions.size(), index + 1));
    info.partitions[index] = {BrokerId(partition.leader_id), LeaderEpoch(partition.leader_epoch),
                              broker_ids(partition.replica_nodes), broker_ids(partition.isr_nodes)};
  }
  // A broker that lags behind tells of an older leader: what is known already stands (KIP-320).
  if (before == nullptr || before->id != info.id) return info;
  for (std::size_t i = 0; i < std::min(info.partitions.size(), before->partitions.size()); ++i) {
    if (before->partitions[i].leader_epoch > info.partitions[i].leader_epoch) {
      info.partitions[i] = before->partitions[i];
    }
  }
  return info;
}

}  // namespace

Cluster::Cluster(env::Env env, ClusterOptions options)
    : env_(env), options_(std::move(options)), connected_(env.executor) {}

Task<Result<void>> Cluster::refresh(std::vector<std::string> topics, bool allow_auto_creation) {
  return refresh_with(std::move(topics), allow_auto_creation);
}

Task<Result<void>> Cluster::refresh_all() { return refresh_with(std::nullopt, false); }

Task<Result<void>> Cluster::refresh_with(std::optional<std::vector<std::string>> topics, bool allow_auto_creation) {
  B_CO_TRY(const auto connection, co_await to_any());
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = allow_auto_creation;
  if (topics) {
    request.topics.emplace();
    for (const std::string& name : *topics) request.topics->emplace_back().name = name;
  }
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  brokers_.clear();
  for (const auto& broker : reply->brokers) {
    brokers_[BrokerId(broker.node_id)] = {broker.host.str(), static_cast<std::uint16_t>(broker.port)};
  }
  controller_ = BrokerId(reply->controller_id);
  if (reply->cluster_id) cluster_id_ = reply->cluster_id->str();
  if (!topics) topics_.clear();
  for (const auto& topic : reply->topics) {
    if (!topic.name) continue;
    const std::string name = topic.name->str();
    topics_[name] = read_topic(topic, this->topic(name));
    if (!topic.topic_id.is_zero()) names_[topic.topic_id] = name;
  }
  co_return Result<void>();
}

const TopicInfo* Cluster::topic(const std::string& name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

const PartitionInfo* Cluster::partition(const TopicPartition& partition) const {
  const TopicInfo* info = topic(partition.topic);
  if (info == nullptr || partition.partition.value() < 0) return nullptr;
  const auto index = static_cast<std::size_t>(partition.partition.value());
  return index < info->partitions.size() ? &info->partitions[index] : nullptr;
}

const std::string* Cluster::topic_name(const Uuid& id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? nullptr : &found->second;
}

Task<Result<std::shared_ptr<Connection>>> Cluster::to_endpoint(env::Endpoint endpoint) {
  Slot* slot = &slots_[endpoint];
  while (slot->connecting) co_await connected_.wait();
  if (slot->connection != nullptr && !slot->connection->broken()) co_return slot->connection;
  // Also when this frame is destroyed: others wait for the end of it.
  struct Connecting {
    Slot& slot;
    Notification& connected;
    ~Connecting() {
      slot.connecting = false;
      connected.notify_all();
    }
  };
  slot->connecting = true;
  Connecting connecting{*slot, connected_};
  slot->connection = nullptr;
  B_CO_TRY(slot->connection, co_await Connection::connect(env_, endpoint, options_.connection));
  co_return slot->connection;
}

Task<Result<std::shared_ptr<Connection>>> Cluster::to_broker(BrokerId id) {
  const auto found = brokers_.find(id);
  if (found == brokers_.end()) co_return fail(Errc::not_found, "broker " + std::to_string(id.value()));
  co_return co_await to_endpoint(found->second);
}

Task<Result<std::shared_ptr<Connection>>> Cluster::to_leader(TopicPartition partition) {
  const PartitionInfo* info = this->partition(partition);
  if (info == nullptr || info->leader == kNoBroker) {
    co_return fail(Errc::not_leader, "no leader is known of " + partition.to_string());
  }
  co_return co_await to_broker(info->leader);
}

Task<Result<std::shared_ptr<Connection>>> Cluster::to_any() {
  std::vector<env::Endpoint> endpoints;
  for (const auto& [id, endpoint] : brokers_) endpoints.push_back(endpoint);
  endpoints.insert(endpoints.end(), options_.bootstrap.begin(), options_.bootstrap.end());
  Error last{Errc::invalid_argument, "no bootstrap address is given"};
  for (const env::Endpoint& endpoint : endpoints) {
    auto connection = co_await to_endpoint(endpoint);
    if (connection) co_return std::move(connection);
    last = std::move(connection).error();
  }
  co_return std::unexpected(std::move(last));
}

Task<Result<std::shared_ptr<Connection>>> Cluster::to_named(BrokerId id, env::Endpoint endpoint) {
  brokers_[id] = endpoint;
  co_return co_await to_endpoint(std::move(endpoint));
}

}  // namespace barnabas::client
