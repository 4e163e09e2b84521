#include "core/replication/replica_manager.hpp"

#include <algorithm>

#include "core/async/gather.hpp"
#include "core/base/mutant.hpp"

namespace barnabas::replication {
namespace {

using protocol::ErrorCode;

// Partitions whose role changes at the same time: each may wait for the disk several times.
constexpr std::int64_t kChangesAtOnce = 64;
// How long after a refusal for lack of room the controller is asked again: at first, and at most.
constexpr Duration kFirstAsk = 1s;
constexpr Duration kLastAsk = 60s;

}  // namespace

ErrorCode ControllerFence::admit(std::int32_t controller_epoch, std::int64_t broker_epoch) {
  const bool former_life = broker_epoch != -1 && broker_epoch < self_.epoch;
  if (former_life && !BARNABAS_MUTANT(broker_epoch_is_ignored)) return ErrorCode::stale_broker_epoch;
  const bool former_controller = controller_epoch < controller_epoch_;
  if (former_controller && !BARNABAS_MUTANT(controller_epoch_is_ignored)) return ErrorCode::stale_controller_epoch;
  controller_epoch_ = controller_epoch;
  return ErrorCode::none;
}

ReplicaManager::ReplicaManager(env::Env env, PartitionTable& partitions, const SelfInfo& self, ControllerFence& fence,
                               ControllerChannel& controller, ReplicationOptions options, Hooks hooks)
    : env_(env),
      partitions_(partitions),
      self_(self),
      fence_(fence),
      options_(options),
      hooks_(std::move(hooks)),
      isr_sender_(env, partitions, self, controller),
      turn_(env.executor, 1),
      orders_(env.executor),
      background_(env.executor) {
  fetcher_hooks_.address_of = [this](BrokerId broker) { return address_of(broker); };
  fetcher_hooks_.peer_failed = hooks_.peer_failed;
  fetcher_hooks_.throttled = hooks_.follower_throttled;
  partitions_.set_listener(this);
}

ReplicaManager::~ReplicaManager() = default;

void ReplicaManager::start() {
  background_.spawn(isr_sender_.run());
  background_.spawn(watch_laggards());
}

void ReplicaManager::isr_proposed(const TopicPartition& partition) { isr_sender_.propose(partition); }

std::optional<env::Endpoint> ReplicaManager::address_of(BrokerId broker) const {
  if (auto known = hooks_.address_of(broker)) return known;
  const auto told = told_addresses_.find(broker);
  return told == told_addresses_.end() ? std::nullopt : std::optional(told->second);
}

LeaderLimits ReplicaManager::limits_of(const std::string& topic) const {
  return {options_.max_lag, hooks_.min_insync_replicas(topic)};
}

Task<void> ReplicaManager::watch_laggards() {
  while (true) {
    co_await env_.clock.sleep_for(options_.max_lag / 2);
    for (const auto& partition : partitions_.all()) partition->look_for_laggards();
  }
}

// ----- LeaderAndIsr -----

Task<protocol::LeaderAndIsrResponse> ReplicaManager::leader_and_isr(protocol::LeaderAndIsrRequest request,
                                                                    std::int16_t version) {
  const OrdersPtr orders = orders_of(env_.executor, request);
  for (const auto& leader : request.live_leaders) {
    told_addresses_[BrokerId(leader.broker_id)] = {leader.host_name.str(), static_cast<std::uint16_t>(leader.port)};
  }
  orders_.spawn(apply_roles(orders));
  co_await orders->done.wait();
  protocol::LeaderAndIsrResponse response;
  response.error_code = orders->error;
  if (orders->error != ErrorCode::none) co_return response;
  for (const Order& order : orders->orders) {
    protocol::LeaderAndIsrResponse::LeaderAndIsrPartitionError row;
    row.partition_index = order.id.partition.value();
    row.error_code = order.outcome;
    if (version < 5) {
      row.topic_name = order.id.topic;
      response.partition_errors.push_back(std::move(row));
      continue;
    }
    if (response.topics.empty() || response.topics.back().topic_id != order.topic_id) {
      response.topics.emplace_back().topic_id = order.topic_id;
    }
    response.topics.back().partition_errors.push_back(std::move(row));
  }
  co_return response;
}

Task<void> ReplicaManager::apply_roles(OrdersPtr orders) {
  const auto turn = co_await turn_.acquire();
  orders->error = fence_.admit(orders->controller_epoch, orders->broker_epoch);
  std::vector<Task<Result<void>>> changes;
  if (orders->error == ErrorCode::none) {
    std::set<TopicPartition> seen;
    for (Order& order : orders->orders) {
      order.outcome = seen.insert(order.id).second ? check(order) : ErrorCode::invalid_request;
      if (order.outcome == ErrorCode::none) changes.push_back(carry_out(order));
    }
  }
  (void)co_await gather(env_.executor, std::move(changes), kChangesAtOnce);
  // All at once, so that the first fetch of a leader asks for all of them.
  for (auto& [partition, same_leader] : std::exchange(new_followers_, {})) {
    const TopicPartition id = partition->id();
    const BrokerId leader = partition->leader();
    auto& fetcher = fetchers_[leader];
    if (!fetcher) {
      fetcher = std::make_unique<LeaderFetcher>(env_, partitions_, self_, options_, fetcher_hooks_, follower_throttle_,
                                                leader);
      fetcher->start();
    }
    fetched_from_[id] = leader;
    fetcher->follow(std::move(partition), same_leader);
  }
  orders->done.set();
}

ErrorCode ReplicaManager::check(const Order& order) const {
  const auto partition = partitions_.find(order.id);
  if (partition ? partition->log().failed() : false) return ErrorCode::kafka_storage_error;
  const std::optional<Uuid> on_disk = partitions_.topic_id_on_disk(order.id);
  const bool other_topic =
      on_disk && !on_disk->is_zero() && !order.topic_id.is_zero() && *on_disk != order.topic_id;
  // A log that was left by a deleted topic of this name is never taken for the new one's.
  if (other_topic) return ErrorCode::inconsistent_topic_id;
  const auto& replicas = order.leadership.replicas;
  if (std::ranges::find(replicas, self_.id) == replicas.end()) return ErrorCode::unknown_topic_or_partition;
  if (order.leader == self_.id) {
    const auto& isr = order.leadership.isr;
    const bool in_sync = std::ranges::any_of(isr, [&](const IsrMember& member) { return member.id == self_.id; });
    if (!in_sync) return ErrorCode::invalid_request;
  }
  if (!partition) return ErrorCode::none;
  const bool adds_id = partition->topic_id().is_zero() && !order.topic_id.is_zero();
  const LeaderEpoch known = partition->leader_epoch();
  const bool same_epoch = order.leadership.epoch == known;
  const bool newer_state = same_epoch && order.leadership.partition_epoch > partition->partition_epoch();
  const bool acts = order.leadership.epoch > known || newer_state || (same_epoch && adds_id);
  return acts ? ErrorCode::none : ErrorCode::stale_controller_epoch;
}

Task<Result<void>> ReplicaManager::carry_out(Order& order) {
  auto partition = partitions_.find(order.id);
  if (!partition) {
    const TopicPartition id = order.id;
    const Uuid topic_id = order.topic_id;
    const log::LogConfig config = hooks_.log_config(id.topic);
    auto created = co_await partitions_.create(id, topic_id, config);
    if (!created) {
      refused(order, created.error());
      co_return Result<void>{};
    }
    partition = *std::move(created);
  } else if (partition->topic_id().is_zero() && !order.topic_id.is_zero()) {
    const Uuid topic_id = order.topic_id;
    (void)co_await partition->adopt_topic_id(topic_id);  // A failing disk tells of itself with the next append.
  }
  const auto changed = co_await change_role(order, partition);
  if (changed) {
    without_room_.erase(order.id);
  } else {
    refused(order, changed.error());
  }
  co_return Result<void>{};
}

void ReplicaManager::refused(Order& order, const Error& error) {
  const bool stale = error.code == Errc::fenced_leader_epoch;
  order.outcome = stale ? ErrorCode::stale_controller_epoch : ErrorCode::kafka_storage_error;
  env_.logger.log(env::LogLevel::warn, "replicas", order.id.to_string() + ": " + error.to_string());
  if (error.code != Errc::no_space || !hooks_.ask_for_roles) return;
  without_room_.insert(order.id);
  if (!std::exchange(asking_, true)) background_.spawn(ask_until_there_is_room());
}

// The controller takes such a replica for offline, and by itself does not ask again in this life.
Task<void> ReplicaManager::ask_until_there_is_room() {
  Duration pause = kFirstAsk;
  while (!without_room_.empty()) {
    co_await env_.clock.sleep_for(pause);
    if (!without_room_.empty()) co_await hooks_.ask_for_roles();
    pause = std::min<Duration>(2 * pause, kLastAsk);
  }
  asking_ = false;
}

Task<Result<void>> ReplicaManager::change_role(Order& order, std::shared_ptr<Partition> partition) {
  const LeaderEpoch epoch = order.leadership.epoch;
  const bool new_epoch = epoch != partition->leader_epoch();
  const BrokerId former = partition->leader();
  if (order.leader == self_.id) {
    stop_fetching(order.id);
    const LeaderLimits limits = limits_of(order.id.topic);
    Leadership leadership = order.leadership;
    B_CO_TRY_VOID(co_await partition->lead(std::move(leadership), self_.epoch, limits));
    tell_registrations(*partition);
  } else {
    const BrokerId leader = order.leader;
    const bool same_leader = former == leader;
    const bool fetching = !new_epoch && same_leader && fetched_from_.contains(order.id);
    if (!fetching) stop_fetching(order.id);
    const std::int32_t partition_epoch = order.leadership.partition_epoch;
    B_CO_TRY_VOID(co_await partition->follow(leader, epoch, partition_epoch));
    if (!fetching && leader.value() >= 0) new_followers_.emplace_back(partition, same_leader);
  }
  if (new_epoch) hooks_.role_changed(order.id, partition->role(), epoch);
  co_return Result<void>{};
}

void ReplicaManager::tell_registrations(Partition& partition) const {
  const std::vector<BrokerId> replicas = partition.leading()->replicas();
  for (const BrokerId id : replicas) {
    const auto found = live_.find(id);
    if (found != live_.end()) partition.broker_registered(id, found->second);
  }
}

void ReplicaManager::stop_fetching(const TopicPartition& id) {
  const auto found = fetched_from_.find(id);
  if (found == fetched_from_.end()) return;
  fetchers_.at(found->second)->unfollow(id);
  fetched_from_.erase(found);
}

// ----- StopReplica -----

Task<protocol::StopReplicaResponse> ReplicaManager::stop_replica(protocol::StopReplicaRequest request,
                                                                 std::int16_t version) {
  const OrdersPtr orders = orders_of(env_.executor, request, version);
  orders_.spawn(apply_stops(orders));
  co_await orders->done.wait();
  protocol::StopReplicaResponse response;
  response.error_code = orders->error;
  if (orders->error != ErrorCode::none) co_return response;
  for (const Order& order : orders->orders) {
    auto& row = response.partition_errors.emplace_back();
    row.topic_name = order.id.topic;
    row.partition_index = order.id.partition.value();
    row.error_code = order.outcome;
  }
  co_return response;
}

Task<void> ReplicaManager::apply_stops(OrdersPtr orders) {
  const auto turn = co_await turn_.acquire();
  orders->error = fence_.admit(orders->controller_epoch, orders->broker_epoch);
  std::vector<Task<Result<void>>> stops;
  if (orders->error == ErrorCode::none) {
    std::set<TopicPartition> seen;
    for (Order& order : orders->orders) {
      if (seen.insert(order.id).second) stops.push_back(stop_one(order));
    }
  }
  (void)co_await gather(env_.executor, std::move(stops), kChangesAtOnce);
  orders->done.set();
}

// Leader epochs below 0: of a topic that is deleted (-2), or not told (-1).
Task<Result<void>> ReplicaManager::stop_one(Order& order) {
  const auto partition = partitions_.find(order.id);
  const LeaderEpoch epoch = order.leadership.epoch;
  if (partition && epoch.value() >= 0 && epoch < partition->leader_epoch()) {
    order.outcome = ErrorCode::fenced_leader_epoch;
    co_return Result<void>{};
  }
  if (partition && partition->log().failed()) {
    order.outcome = ErrorCode::kafka_storage_error;
    co_return Result<void>{};
  }
  stop_fetching(order.id);
  without_room_.erase(order.id);
  const TopicPartition id = order.id;
  Result<void> done;
  if (order.remove) {
    const bool had_role = partition && partition->role() != Role::none;
    const LeaderEpoch last = partition ? partition->leader_epoch() : kNoLeaderEpoch;
    done = co_await partitions_.remove(id);
    if (had_role) hooks_.role_changed(id, Role::none, last);
  } else if (partition && partition->role() == Role::follower) {
    const LeaderEpoch known = partition->leader_epoch();
    const std::int32_t partition_epoch = partition->partition_epoch();
    done = co_await partition->follow(kNoBroker, known, partition_epoch);
  }
  if (done) co_return Result<void>{};
  order.outcome = ErrorCode::kafka_storage_error;
  env_.logger.log(env::LogLevel::warn, "replicas", id.to_string() + ": " + done.error().to_string());
  co_return Result<void>{};
}

// ----- Around -----

void ReplicaManager::brokers_changed(const std::map<BrokerId, std::int64_t>& live) {
  std::map<BrokerId, std::optional<std::int64_t>> changed;
  for (const auto& [id, epoch] : live_) {
    if (!live.contains(id)) changed[id] = std::nullopt;
  }
  for (const auto& [id, epoch] : live) {
    const auto known = live_.find(id);
    if (known == live_.end() || known->second != epoch) changed[id] = epoch;
  }
  live_ = live;
  if (!changed.empty()) {
    for (const auto& partition : partitions_.all()) {
      if (!partition->leads()) continue;
      for (const auto& [id, epoch] : changed) partition->broker_registered(id, epoch);
    }
  }
  for (const auto& [id, epoch] : changed) {
    const auto fetcher = fetchers_.find(id);
    if (epoch && fetcher != fetchers_.end()) fetcher->second->kick();
  }
}

void ReplicaManager::config_changed() {
  for (const auto& partition : partitions_.all()) {
    partition->log().set_config(hooks_.log_config(partition->id().topic));
    partition->set_limits(limits_of(partition->id().topic));
  }
}

Task<void> ReplicaManager::stop() {
  isr_sender_.stop();
  background_.cancel();
  Scope scope(env_.executor);
  for (const auto& [id, fetcher] : fetchers_) scope.spawn(fetcher->stop());
  co_await scope.join();
  co_await orders_.join();
}

ReplicaManager::Counts ReplicaManager::counts() const {
  Counts counts;
  for (const auto& partition : partitions_.all()) {
    const LeaderState* leading = partition->leading();
    if (leading == nullptr) continue;
    ++counts.leaders;
    if (leading->isr().size() < leading->replicas().size()) ++counts.under_replicated;
    if (!leading->enough_insync()) ++counts.under_min_isr;
    if (leading->just_enough_insync()) ++counts.at_min_isr;
  }
  counts.isr_shrinks = isr_sender_.counts().shrinks;
  counts.isr_expands = isr_sender_.counts().expands;
  counts.failed_isr_updates = isr_sender_.counts().failed;
  return counts;
}

}  // namespace barnabas::replication
