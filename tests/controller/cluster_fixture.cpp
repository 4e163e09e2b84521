#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {

namespace znode = metadata::znode;

// What the processes hold must be gone before the world is.
SimCluster::~SimCluster() {
  for (const auto& one : brokers_) one->kill();
}

void SimCluster::start(int brokers, bool suspicion) {
  for (std::int32_t id = 1; id <= brokers; ++id) {
    brokers_.push_back(std::make_unique<FakeBroker>(world_, ensemble_, id));
    FakeBroker& one = *brokers_.back();
    if (!one.config.set("failover.on.refused.connection", suspicion ? "true" : "false")) throw std::logic_error("key");
    one.start();
    if (!until([&] { return one.ready(); })) throw std::runtime_error("broker " + std::to_string(id) + " hangs");
  }
  // The controller has noticed all of them.
  const auto all_known = [&] {
    return std::ranges::all_of(
        brokers_, [&](const auto& one) { return one->live_brokers.size() == brokers_.size(); });
  };
  if (!until(all_known)) throw std::runtime_error("the controller does not notice every broker");
}

std::int32_t SimCluster::controller_id() {
  for (const auto& one : brokers_) {
    if (one->controller() != nullptr && one->controller()->counts().active) return one->id().value();
  }
  return 0;
}

FakeBroker& SimCluster::leader() {
  if (!until([&] { return controller_id() != 0; })) throw std::runtime_error("nobody is controller");
  return broker(controller_id());
}

metadata::TopicInfo SimCluster::create(const std::string& name, std::vector<std::vector<std::int32_t>> replicas,
                                           std::map<std::string, std::string> config) {
  metadata::NewTopic topic;
  topic.name = name;
  FakeBroker& to = leader();
  topic.id = Uuid::from_random(to.node().env().random.next(), 7);
  for (const auto& partition : replicas) {
    auto& ids = topic.assignment.emplace_back();
    for (const std::int32_t id : partition) ids.emplace_back(id);
  }
  topic.config = std::move(config);
  auto made = run(to, to.controller()->create_topic(std::move(topic)));
  if (!made) throw std::runtime_error("create_topic: " + made.error().message);
  return std::move(*made);
}

protocol::AlterPartitionRequest SimCluster::isr_request(const TopicPartition& id,
                                                        const std::vector<std::int32_t>& isr) {
  const auto present = state(id);
  FakeBroker& from = broker(present->leader.value());
  protocol::AlterPartitionRequest request;
  request.broker_id = from.id().value();
  request.broker_epoch = from.epoch;
  auto& group = request.topics.emplace_back();
  group.topic_id = topic(id.topic)->id;
  auto& one = group.partitions.emplace_back();
  one.partition_index = id.partition.value();
  one.leader_epoch = present->leader_epoch.value();
  one.partition_epoch = version_of(id);
  for (const std::int32_t member : isr) {
    auto& entry = one.new_isr_with_epochs.emplace_back();
    entry.broker_id = member;
    entry.broker_epoch = broker(member).epoch;
  }
  return request;
}

protocol::AlterPartitionResponse::PartitionData SimCluster::propose_isr(const TopicPartition& id,
                                                                            const std::vector<std::int32_t>& isr) {
  FakeBroker& to = leader();
  const auto response = run(to, to.controller()->alter_partition(isr_request(id, isr), 3));
  if (response.error_code != protocol::ErrorCode::none) {
    protocol::AlterPartitionResponse::PartitionData failed;
    failed.error_code = response.error_code;
    return failed;
  }
  return response.topics.at(0).partitions.at(0);
}

protocol::ErrorCode SimCluster::reassign(const TopicPartition& id,
                                             std::optional<std::vector<std::int32_t>> replicas) {
  protocol::AlterPartitionReassignmentsRequest request;
  auto& group = request.topics.emplace_back();
  group.name = protocol::String(id.topic);
  auto& one = group.partitions.emplace_back();
  one.partition_index = id.partition.value();
  one.replicas = std::move(replicas);
  FakeBroker& to = leader();
  const auto response = run(to, to.controller()->alter_reassignments(std::move(request)));
  if (response.error_code != protocol::ErrorCode::none) return response.error_code;
  return response.responses.at(0).partitions.at(0).error_code;
}

std::string SimCluster::text(const std::string& path) {
  const auto* node = ensemble_.quorum().tree().find(path);
  if (node == nullptr || !node->data) return {};
  return std::string(as_text(node->data->view()));
}

std::optional<metadata::PartitionState> SimCluster::state(const TopicPartition& id) {
  const std::string json = text(znode::state_path(id.topic, static_cast<std::size_t>(id.partition.value())));
  const auto decoded = znode::decode_state(json);
  if (!decoded) return std::nullopt;
  return *decoded;
}

std::int32_t SimCluster::version_of(const TopicPartition& id) {
  const std::string path = znode::state_path(id.topic, static_cast<std::size_t>(id.partition.value()));
  const auto* node = ensemble_.quorum().tree().find(path);
  return node == nullptr ? -1 : node->stat().version;
}

std::optional<metadata::TopicInfo> SimCluster::topic(const std::string& name) {
  const auto decoded = znode::decode_topic(name, text(znode::topic_path(name)));
  if (!decoded) return std::nullopt;
  return *decoded;
}

void SimCluster::lose_answer() {
  for (std::size_t i = 0; i < ensemble_.size(); ++i) ensemble_.server(i).lose_answers(1);
}

bool SimCluster::all_know(const TopicPartition& id) {
  const auto held = state(id);
  if (!held) return false;
  const auto same = [&](const Replica& told) {
    return told.leader == held->leader.value() && told.leader_epoch == held->leader_epoch.value();
  };
  for (const auto& one : brokers_) {
    if (!one->node().alive()) continue;
    const auto shown = one->metadata.find(id);
    if (shown == one->metadata.end() || !same(shown->second)) return false;
    if (shown->second.partition_epoch != version_of(id)) return false;
    const auto& listed = shown->second.replicas;
    if (std::ranges::find(listed, one->id().value()) == listed.end()) continue;
    const auto replica = one->replicas.find(id);
    if (replica == one->replicas.end() || !same(replica->second)) return false;
  }
  return true;
}

}  // namespace barnabas::controller
