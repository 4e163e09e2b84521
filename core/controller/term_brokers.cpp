// Brokers that come and go, or are thought to, and the notices that they leave in ZooKeeper.
#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/controller/term.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::controller {

namespace znode = metadata::znode;

void Term::changed(ClusterWatch::What what) {
  using What = ClusterWatch::What;
  if (!started_) {
    // start_up() reads what is shown then, and looks at all of it once more at its end.
    woken_.notify_all();
  }
  switch (what) {
    case What::brokers: return due(Work::brokers);
    case What::topics: return due(Work::topics);
    case What::deletions: return due(Work::deletions);
    case What::reassignments: return due(Work::reassignment_orders);
    case What::preferred_elections: return due(Work::preferred_elections);
    case What::config_changes: return due(Work::config_changes);
    case What::log_dir_events: return due(Work::log_dir_events);
    case What::isr_changes: return due(Work::isr_changes);
  }
}

void Term::open_channel(const metadata::BrokerInfo& broker) {
  LocalBroker* local = broker.id == context_.self ? &context_.local : nullptr;
  auto& channel = channels_[broker.id];
  Channel::Listener& listener = *this;
  channel = std::make_unique<Channel>(context_.env, state_, listener, options_.inter_broker, options_.request_timeout,
                                      broker, local);
  channel->tell_all();
  // What was taken from it while it was away, or under a former controller, nobody else will tell it to remove.
  for (const auto& [name, topic] : state_.topics) {
    for (std::size_t i = 0; !topic.deleting && i < topic.partitions.size(); ++i) {
      const TopicPartition id{name, PartitionId(static_cast<std::int32_t>(i))};
      if (!topic.partitions[i].has_replica(broker.id)) channel->tell_stop(id, Stop{true, false});
    }
  }
  for (const auto& [name, deletion] : deletions_) {
    for (const auto& [id, brokers] : deletion.waiting) {
      if (brokers.contains(broker.id)) channel->tell_stop(id, Stop{true, true});
    }
  }
  for (const auto& [id, brokers] : leaving_) {
    if (brokers.contains(broker.id)) channel->tell_stop(id, Stop{true, false});
  }
}

// The broker's process, or its session, is another one: nothing that was known of the former one counts.
void Term::forget_life(BrokerId broker) {
  channels_.erase(broker);
  state_.former_epochs[broker] = state_.brokers.at(broker).epoch;
  for (auto& [name, topic] : state_.topics) {
    for (PartitionEntry& partition : topic.partitions) partition.offline_logs.erase(broker);
  }
}

Task<Result<void>> Term::on_brokers() {
  const Registrations now = watch_->brokers();
  incarnations_ = watch_->incarnations();
  const BrokerChanges changes = compare(state_.brokers, now);
  if (!changes.any()) co_return Result<void>();
  for (const std::vector<BrokerId>* left : {&changes.gone, &changes.bounced}) {
    for (const BrokerId id : *left) forget_life(id);
  }
  // A bounced broker that does not name the incarnation of its log is first treated as gone, as Kafka does: there is no
  // telling what its log still holds.
  Registrations without = now;
  for (const BrokerId id : changes.bounced) {
    if (now.at(id).incarnation == 0 || BARNABAS_MUTANT(leader_comeback_keeps_epoch)) without.erase(id);
  }
  if (without.size() < now.size()) {
    state_.brokers = std::move(without);
    refresh_policies();
    auto moves = settle_all(state_);
    B_CO_TRY_VOID(co_await write_changes(std::move(moves)));
  }
  state_.brokers = now;
  for (const BrokerId id : changes.gone) {
    info("broker " + std::to_string(id.value()) + " is gone");
    // Whoever is gone need not remove its log for a reassignment to end: it is told when it comes back.
    for (auto& [partition, brokers] : leaving_) {
      if (brokers.erase(id) > 0) reassigning_.insert(partition);
    }
  }
  refresh_policies();
  auto moves = settle_all(state_);
  B_CO_TRY_VOID(co_await write_changes(std::move(moves)));
  // Only now, so that nobody hears of what those before it decide.
  for (const std::vector<BrokerId>* came : {&changes.started, &changes.bounced}) {
    for (const BrokerId id : *came) {
      info("broker " + std::to_string(id.value()) + " is here, with epoch " + std::to_string(now.at(id).epoch));
      open_channel(now.at(id));
    }
  }
  for (const BrokerId id : changes.moved) {
    if (const auto channel = channels_.find(id); channel != channels_.end()) channel->second->moved(now.at(id));
  }
  co_return co_await on_liveness();
}

// After anybody came or went: leaders where there are none, and the list of brokers to all.
Task<Result<void>> Term::on_liveness() {
  refresh_policies();
  auto changes = settle_all(state_);
  const bool told = !changes.empty();
  B_CO_TRY_VOID(co_await write_changes(std::move(changes)));
  B_CO_TRY_VOID(co_await create_missing_states());
  // Always, also when no leader changed: clients find brokers by it (KAFKA-13225).
  if (told || !BARNABAS_MUTANT(metadata_only_with_leaders)) {
    for (const auto& [id, channel] : channels_) channel->tell_brokers();
  }
  if (!reassigning_.empty()) due(Work::reassignments);
  co_return Result<void>();
}

// ----- Suspicion -----

void Term::reached(BrokerId broker, std::int64_t epoch) {
  if (!state_.is_suspect(broker)) return;
  suspicions_.push_back({broker, epoch, Verdict::alive});
  due(Work::suspicions);
}

void Term::refused(BrokerId broker, std::int64_t epoch) {
  if (!options_.fast_failover || state_.is_suspect(broker)) return;
  suspicions_.push_back({broker, epoch, Verdict::refused});
  due(Work::suspicions);
}

void Term::suspect(BrokerId broker) {
  const auto found = state_.brokers.find(broker);
  if (!options_.fast_failover || ended() || found == state_.brokers.end() || broker == context_.self) return;
  if (const auto at = endpoint_of(found->second, options_.inter_broker)) {
    scope_.spawn(look_into(broker, found->second.epoch, *at));
  }
}

Task<void> Term::look_into(BrokerId broker, std::int64_t epoch, env::Endpoint at) {
  const Verdict verdict = co_await probe(context_.env, std::move(at));
  if (verdict == Verdict::alive) ++context_.counts.suspicions_refuted;
  if (verdict == Verdict::refused) refused(broker, epoch);
}

// Whether it changes who counts as live.
bool Term::judge(const Suspicion& suspicion) {
  const auto broker = state_.brokers.find(suspicion.broker);
  if (broker == state_.brokers.end() || broker->second.epoch != suspicion.epoch) return false;
  const std::string name = "broker " + std::to_string(suspicion.broker.value());
  if (suspicion.verdict == Verdict::alive) {
    if (state_.suspects.erase(suspicion.broker) == 0) return false;
    info(name + " takes connections again");
    return true;
  }
  if (suspicion.broker == context_.self || state_.is_suspect(suspicion.broker)) return false;
  // Whom most of its peers refuse is rather cut off itself.
  if ((state_.suspected().size() + 1) * 2 > state_.brokers.size()) return false;
  if (!context_.budget.allow(suspicion.broker, suspicion.epoch, context_.env.clock.now())) return false;
  state_.suspects[suspicion.broker] = suspicion.epoch;
  ++context_.counts.suspicions;
  warn(name + " refuses connections: its partitions are led by others from now on");
  return true;
}

Task<Result<void>> Term::on_suspicions() {
  bool any = false;
  for (const Suspicion& suspicion : std::exchange(suspicions_, {})) any |= judge(suspicion);
  if (any) co_return co_await on_liveness();
  co_return Result<void>();
}

// ----- Logs -----

void Term::logs_answered(BrokerId broker, std::vector<LogStatus> logs) {
  for (LogStatus& status : logs) {
    const PartitionEntry* entry = state_.partition(status.id);
    if (entry == nullptr || entry->offline_logs.contains(broker) == status.failed) continue;
    log_statuses_.emplace_back(broker, std::move(status));
  }
  if (!log_statuses_.empty()) due(Work::log_statuses);
}

Task<Result<void>> Term::on_log_statuses() {
  for (const auto& [broker, status] : std::exchange(log_statuses_, {})) {
    PartitionEntry* entry = state_.partition(status.id);
    if (entry == nullptr || !state_.brokers.contains(broker)) continue;
    if (status.failed) {
      warn("broker " + std::to_string(broker.value()) + " has lost the log of " + status.id.to_string());
      entry->offline_logs.insert(broker);
    } else {
      entry->offline_logs.erase(broker);
    }
    tell_metadata(status.id);
    recheck_.insert(status.id);
  }
  if (!recheck_.empty()) due(Work::recheck);
  co_return Result<void>();
}

// Which partitions it means is found out by telling the broker everything again.
Task<Result<void>> Term::on_log_dir_events() {
  const std::string folder(znode::kLogDirEvents);
  const std::vector<std::string> names = watch_->log_dir_events();
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name;
    const auto node = co_await writer_.read(path);
    if (!node && node.error().code == Errc::not_found) continue;
    if (!node) co_return std::unexpected(node.error());
    const auto broker = znode::decode_log_dir_event(node->data ? as_text(node->data->view()) : std::string_view());
    if (!broker) continue;
    if (const auto channel = channels_.find(*broker); channel != channels_.end()) channel->second->tell_all_roles();
  }
  co_return co_await remove_notifications(folder, names);
}

// Leaders of brokers before 2.7 change the ISR by themselves and say so here.
Task<Result<void>> Term::on_isr_changes() {
  const std::string folder(znode::kIsrChanges);
  const std::vector<std::string> names = watch_->isr_changes();
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name;
    const auto node = co_await writer_.read(path);
    if (!node && node.error().code == Errc::not_found) continue;
    if (!node) co_return std::unexpected(node.error());
    const auto changed = znode::decode_partitions(node->data ? as_text(node->data->view()) : std::string_view());
    if (!changed) continue;
    for (const TopicPartition& id : *changed) {
      if (state_.partition(id) == nullptr) continue;
      B_CO_TRY_VOID(co_await load_state(id));
      tell_metadata(id);
      recheck_.insert(id);
    }
  }
  if (!recheck_.empty()) due(Work::recheck);
  co_return co_await remove_notifications(folder, names);
}

Task<Result<void>> Term::remove_notifications(std::string folder, std::vector<std::string> names) {
  for (const std::string& name : names) {
    std::vector<zookeeper::Op> ops;
    ops.push_back(zookeeper::RemoveOp{folder + "/" + name, zookeeper::kAnyVersion});
    B_CO_TRY_VOID(co_await writer_.write(std::move(ops)));
  }
  co_return Result<void>();
}

// ----- Preferred leaders -----

Task<Result<void>> Term::on_preferred_elections() {
  const auto node = watch_->preferred_elections();
  if (!node) co_return Result<void>();
  const auto wanted = znode::decode_partitions(node->data ? as_text(node->data->view()) : std::string_view());
  if (!wanted) warn("znode " + std::string(znode::kPreferredElection) + ": " + wanted.error().message);
  const Liveness liveness(state_);
  std::vector<StateChange> changes;
  for (const TopicPartition& id : wanted.value_or(std::vector<TopicPartition>())) {
    const TopicEntry* topic = state_.topic(id.topic);
    const PartitionEntry* entry = state_.partition(id);
    if (entry == nullptr || topic->deleting) continue;
    if (auto change = prefer(id, *entry, liveness, topic->policy)) changes.push_back(*std::move(change));
  }
  B_CO_TRY_VOID(co_await write_changes(std::move(changes)));
  std::vector<zookeeper::Op> ops;
  ops.push_back(zookeeper::RemoveOp{std::string(znode::kPreferredElection), node->stat.version});
  B_CO_TRY_VOID(co_await writer_.write(std::move(ops)));
  co_return Result<void>();
}

Task<Result<void>> Term::on_rebalance() {
  refresh_policies();
  const Liveness liveness(state_);
  std::vector<StateChange> changes;
  for (const TopicPartition& id : imbalanced(state_, options_.rebalance_percentage)) {
    auto change = prefer(id, *state_.partition(id), liveness, state_.topic(id.topic)->policy);
    if (change) changes.push_back(*std::move(change));
  }
  co_return co_await write_changes(std::move(changes));
}

}  // namespace barnabas::controller
