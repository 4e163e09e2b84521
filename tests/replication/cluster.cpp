#include "tests/replication/cluster.hpp"

#include <algorithm>

namespace barnabas::replication {

using protocol::ErrorCode;

protocol::AlterPartitionResponse FakeController::alter(const protocol::AlterPartitionRequest& request) {
  ++asked;
  protocol::AlterPartitionResponse response;
  if (!live.contains(BrokerId(request.broker_id)) || live.at(BrokerId(request.broker_id)) != request.broker_epoch) {
    response.error_code = ErrorCode::stale_broker_epoch;
    return response;
  }
  for (const auto& topic : request.topics) {
    auto& rows = response.topics.emplace_back();
    rows.topic_id = topic.topic_id;
    for (const auto& wanted : topic.partitions) {
      auto& state = partitions.at({topic.topic_name.str(), PartitionId(wanted.partition_index)});
      rows.partitions.push_back(decide(state, request.broker_id, wanted));
    }
  }
  return response;
}

protocol::AlterPartitionResponse::PartitionData FakeController::decide(
    PartitionState& state, std::int32_t from, const protocol::AlterPartitionRequest::PartitionData& wanted) {
  protocol::AlterPartitionResponse::PartitionData answer;
  answer.partition_index = wanted.partition_index;
  answer.leader_id = state.leader;
  answer.leader_epoch = state.leader_epoch;
  std::vector<std::int32_t> isr = wanted.new_isr;
  std::vector<std::int32_t> present = state.isr;
  std::ranges::sort(isr);
  std::ranges::sort(present);
  const auto eligible = [&](const auto& member) {
    const auto found = live.find(BrokerId(member.broker_id));
    const bool was_in = std::ranges::find(state.isr, member.broker_id) != state.isr.end();
    return was_in || (found != live.end() && (member.broker_epoch == -1 || member.broker_epoch == found->second));
  };
  if (!answer_with.empty()) {
    answer.error_code = answer_with.front();
    answer_with.pop_front();
  } else if (from != state.leader || wanted.leader_epoch != state.leader_epoch) {
    answer.error_code = ErrorCode::fenced_leader_epoch;
  } else if (isr == present && wanted.partition_epoch < state.partition_epoch) {
    // Done before.
  } else if (wanted.partition_epoch != state.partition_epoch) {
    answer.error_code = ErrorCode::invalid_update_version;
  } else if (!std::ranges::all_of(wanted.new_isr_with_epochs, eligible)) {
    answer.error_code = ErrorCode::ineligible_replica;
  } else {
    state.isr = wanted.new_isr;
    ++state.partition_epoch;
  }
  answer.isr = state.isr;
  answer.partition_epoch = state.partition_epoch;
  return answer;
}

Member::Member(Cluster& cluster, sim::Node& on, std::int32_t broker_id)
    : Broker(cluster.world, on, broker_id), cluster_(cluster) {}

void Member::open() {
  config = cluster_.config;
  Broker::open();
  fence = std::make_unique<ControllerFence>(self);
  ReplicaManager::Hooks hooks;
  hooks.log_config = [this](const std::string&) { return config; };
  hooks.min_insync_replicas = [this](const std::string&) { return cluster_.min_insync_replicas; };
  hooks.address_of = [this](BrokerId broker) {
    return std::optional(env::Endpoint{cluster_.member(broker.value()).node.name(), kPort});
  };
  hooks.role_changed = [this](const TopicPartition& which, Role role, LeaderEpoch epoch) {
    const char* name = role == Role::leader ? "leader" : role == Role::follower ? "follower" : "none";
    roles.push_back(which.to_string() + " " + name + " " + std::to_string(epoch.value()));
  };
  const auto count = [](int& requests) -> Task<void> {
    ++requests;
    co_return;
  };
  hooks.ask_for_roles = [this, count] { return count(role_requests); };
  hooks.peer_failed = [this](BrokerId) { ++peer_failures; };
  ControllerChannel& controller = *this;
  replicas = std::make_unique<ReplicaManager>(node.env(), *table, self, *fence, controller, cluster_.options, hooks);
  replicas->start();
  PartitionTable& served = *table;
  node.spawn([&served](env::Env env) { return serve_followers(env, served, kPort); });
}

void Member::close() {
  replicas.reset();
  fence.reset();
  Broker::close();
}

Task<Result<protocol::AlterPartitionResponse>> Member::alter_partition(protocol::AlterPartitionRequest request) {
  const env::Env env = node.env();
  co_await env.clock.sleep_for(std::chrono::milliseconds(1));
  protocol::AlterPartitionResponse response = cluster_.controller.alter(request);
  co_await env.clock.sleep_for(std::chrono::milliseconds(1));
  if (cluster_.controller.lose_answers > 0) {
    --cluster_.controller.lose_answers;
    co_return fail(Errc::connection_reset, "the answer is lost");
  }
  co_return response;
}

Cluster::Cluster(std::uint64_t seed, int brokers) : world(seed) {
  for (int id = 1; id <= brokers; ++id) {
    members.push_back(std::make_unique<Member>(*this, world.add_node("b" + std::to_string(id)), id));
  }
}

Cluster::~Cluster() {
  // The servers use the tables.
  for (const auto& one : members) one->node.kill();
  for (const auto& one : members) one->close();
}

void Cluster::start(std::int32_t id) {
  Member& one = member(id);
  if (!one.node.alive()) one.node.restart();
  one.self = {BrokerId(id), next_broker_epoch_++};
  one.open();
  controller.live[BrokerId(id)] = one.self.epoch;
}

void Cluster::down(std::int32_t id) {
  controller.live.erase(BrokerId(id));
  member(id).close();
}

void Cluster::kill(std::int32_t id) {
  member(id).node.kill();
  down(id);
}

void Cluster::power_cut(std::int32_t id) {
  member(id).node.power_cut();
  down(id);
}

void Cluster::tell_registrations() {
  for (const auto& [id, epoch] : controller.live) member(id.value()).replicas->brokers_changed(controller.live);
}

protocol::LeaderAndIsrRequest Cluster::leader_and_isr(const TopicPartition& which) const {
  const PartitionState& state = controller.partitions.at(which);
  protocol::LeaderAndIsrRequest request;
  request.controller_epoch = controller.epoch;
  auto& topic = request.topic_states.emplace_back();
  topic.topic_name = which.topic;
  topic.topic_id = state.topic_id;
  auto& row = topic.partition_states.emplace_back();
  row.partition_index = which.partition.value();
  row.leader = state.leader;
  row.leader_epoch = state.leader_epoch;
  row.partition_epoch = state.partition_epoch;
  row.replicas = state.replicas;
  row.isr = state.isr;
  for (const std::int32_t member : state.isr) {
    const auto found = controller.live.find(BrokerId(member));
    row.isr_broker_epochs.push_back(found == controller.live.end() ? 0 : found->second);
  }
  return request;
}

void Cluster::tell(std::int32_t to, const TopicPartition& which) {
  Member& one = member(to);
  auto request = leader_and_isr(which);
  request.broker_epoch = one.self.epoch;
  one.run(one.replicas->leader_and_isr(std::move(request), 7));
}

void Cluster::create(const TopicPartition& which, std::vector<std::int32_t> replicas, std::uint8_t topic) {
  PartitionState& state = controller.partitions[which];
  state.topic_id = topic_id_of(topic);
  state.replicas = std::move(replicas);
}

void Cluster::elect(std::int32_t leader, std::vector<std::int32_t> isr, const TopicPartition& which) {
  PartitionState& state = controller.partitions.at(which);
  state.leader = leader;
  state.isr = std::move(isr);
  ++state.leader_epoch;
  ++state.partition_epoch;
  tell_registrations();
  for (const std::int32_t id : state.replicas) {
    if (running(id)) tell(id, which);
  }
}

namespace {

Task<void> append(std::shared_ptr<Partition> partition, record::ValidatedRecords records, Acks acks,
                  std::shared_ptr<std::optional<Result<Appended>>> outcome) {
  auto appending = partition->append_as_leader(std::move(records), acks);
  outcome->emplace(co_await std::move(appending));
}

Task<Result<std::vector<std::byte>>> read_log(log::PartitionLog& log) {
  std::vector<std::byte> bytes;
  Offset from = log.log_start_offset();
  while (from < log.log_end_offset()) {
    const Offset end = log.log_end_offset();
    B_CO_TRY(const log::LogSlice slice, co_await log.read(from, 1 << 20, end, true));
    B_CO_TRY(const Buffer chunk, co_await slice.file->read_at(slice.position, slice.size));
    bytes.insert(bytes.end(), chunk.view().begin(), chunk.view().end());
    const auto walked = record::for_each_batch(chunk.view(), [&](const record::BatchHeader& header, ByteView) {
      from = header.next_offset();
      return Result<void>();
    });
    if (!walked) co_return std::unexpected(walked.error());
  }
  co_return bytes;
}

}  // namespace

std::optional<Result<Appended>> Cluster::produce(std::int32_t leader, record::ValidatedRecords records, Acks acks,
                                                 Duration patience) {
  auto outcome = std::make_shared<std::optional<Result<Appended>>>();
  member(leader).node.spawn_task(append(member(leader).partition(), std::move(records), acks, outcome));
  wait([&] { return outcome->has_value(); }, patience);
  return *outcome;
}

std::vector<std::byte> Cluster::content(std::int32_t id, const TopicPartition& which) {
  auto bytes = member(id).run(read_log(member(id).partition(which)->log()));
  EXPECT_TRUE(bytes.has_value());
  return bytes ? *bytes : std::vector<std::byte>();
}

}  // namespace barnabas::replication
