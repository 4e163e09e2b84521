#include "sim/oracle/cluster_oracle.hpp"

#include <algorithm>
#include <charconv>

namespace barnabas::sim {

namespace zk = zookeeper;

namespace {

constexpr std::string_view kControllerEpoch = "/controller_epoch";

std::string join(const std::vector<std::int32_t>& ids) {
  std::string text;
  for (const std::int32_t id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
  return "[" + text + "]";
}

std::size_t to_size(const std::string& text) {
  std::size_t value = 1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The operation that was asked for a path; null: none.
template <class Op>
const Op* asked_for(const LogEntry& entry, std::string_view path) {
  for (const zk::Op& op : entry.asked) {
    const auto* one = std::get_if<Op>(&op);
    if (one != nullptr && one->path == path) return one;
  }
  return nullptr;
}

}  // namespace

ClusterOracle::ClusterOracle(const Quorum& quorum, std::map<std::string, std::string> config, Judgement judge)
    : quorum_(quorum), config_(std::move(config)), judge_(std::move(judge)) {}

void ClusterOracle::follow_znodes() {
  for (; followed_ < quorum_.committed(); ++followed_) judge_entry(quorum_.log()[followed_]);
}

void ClusterOracle::judge_entry(const LogEntry& entry) {
  if (entry.transaction.changes.empty()) return;
  rules_.clear();
  const std::int32_t epoch_before = mirror_.controller_epoch();
  const std::int32_t controller_before = mirror_.controller();
  std::set<TopicPartition> touched;
  for (const zk::Change& change : entry.transaction.changes) {
    const std::string& path = std::visit([](const auto& one) -> const std::string& { return one.path; }, change);
    if (const auto partition = partition_of_state_path(path)) {
      const StateZnode* known = mirror_.state(*partition);
      const auto before = known == nullptr ? std::nullopt : std::optional(*known);
      mirror_.apply(entry.transaction, change);
      const StateZnode* after = mirror_.state(*partition);
      if (after == nullptr || std::holds_alternative<zk::RemoveChange>(change)) continue;
      judge_state(entry, *partition, *after, before, std::holds_alternative<zk::CreateChange>(change));
      touched.insert(*partition);
      continue;
    }
    const bool topic = path.starts_with("/brokers/topics/") && path.find('/', 16) == std::string::npos;
    const TopicZnode* known = topic ? mirror_.topic(path.substr(16)) : nullptr;
    const std::string id = known == nullptr ? "" : known->id;
    mirror_.apply(entry.transaction, change);
    if (path.starts_with("/brokers/ids/") && std::holds_alternative<zk::CreateChange>(change)) {
      const auto broker = static_cast<std::int32_t>(std::stol(path.substr(13)));
      for (const auto& [key, oracle] : partitions_) oracle->registered(broker);
      tell(Moment::Kind::registered, {}, broker);
    }
    if (topic) known = mirror_.topic(path.substr(16));
    if (!id.empty() && known != nullptr && known->id != id) {
      judge_("M4", "topic " + path.substr(16) + " had id " + id + " and has " + known->id);
    }
  }
  judge_controller(entry, epoch_before, controller_before);
  for (const TopicPartition& partition : touched) judge_membership(partition);
}

void ClusterOracle::judge_controller(const LogEntry& entry, std::int32_t epoch_before, std::int32_t controller_before) {
  const std::int32_t epoch = mirror_.controller_epoch();
  if (epoch < epoch_before || epoch > epoch_before + 1) {
    judge_("C1", "the controller epoch went from " + std::to_string(epoch_before) + " to " + std::to_string(epoch));
  }
  const std::int32_t controller = mirror_.controller();
  const bool created = std::ranges::any_of(entry.transaction.changes, [](const zk::Change& change) {
    const auto* create = std::get_if<zk::CreateChange>(&change);
    return create != nullptr && create->path == "/controller";
  });
  if (created && epoch == epoch_before) {
    judge_("C1", "broker " + std::to_string(controller) + " became controller after " +
                     std::to_string(controller_before) + ", the controller epoch stayed " + std::to_string(epoch));
  }
  if (created) tell(Moment::Kind::controller_elected, {}, controller);
  const auto* set = asked_for<zk::SetOp>(entry, kControllerEpoch);
  if (epoch != epoch_before && set != nullptr && set->version == zk::kAnyVersion) {
    judge_("C1", "the controller epoch was set without its version");
  }
}

void ClusterOracle::judge_state(const LogEntry& entry, const TopicPartition& partition, const StateZnode& state,
                                const std::optional<StateZnode>& before, bool created) {
  const std::string where = partition.to_string() + ": ";
  const auto* check = asked_for<zk::CheckOp>(entry, kControllerEpoch);
  if (check == nullptr || check->version == zk::kAnyVersion) {
    judge_("C2", where + "a write of its state did not check /controller_epoch");
  }
  if (state.controller_epoch != mirror_.controller_epoch()) {
    judge_("C2", where + "its state was written in controller epoch " + std::to_string(state.controller_epoch) +
                     ", which is " + std::to_string(mirror_.controller_epoch()));
  }
  if (!created) {
    const std::string path = "/brokers/topics/" + partition.topic + "/partitions/" +
                             std::to_string(partition.partition.value()) + "/state";
    const auto* set = asked_for<zk::SetOp>(entry, path);
    if (set != nullptr && set->version == zk::kAnyVersion) {
      judge_("C5", where + "its state was written without a version");
    }
  }
  if (before) {
    const bool leader_changed = state.leader != before->leader;
    if (state.leader_epoch < before->leader_epoch || (leader_changed && state.leader_epoch <= before->leader_epoch)) {
      judge_("E7", where + "leader " + std::to_string(before->leader) + " of epoch " +
                       std::to_string(before->leader_epoch) + " became " + std::to_string(state.leader) + " of epoch " +
                       std::to_string(state.leader_epoch));
    }
  }
  const TopicZnode* topic = mirror_.topic(partition.topic);
  if (topic == nullptr) return;
  const auto rules = read_rules(partition);
  std::size_t& smallest = smallest_min_insync_.try_emplace(topic->id, rules.min_insync).first->second;
  smallest = std::min(smallest, rules.min_insync);
  oracle_of(topic->id, partition).state_written(state, before, rules, mirror_.replicas(partition).size());
  if (before) tell_changes(partition, state, *before);
}

void ClusterOracle::tell(Moment::Kind kind, const TopicPartition& partition, std::int32_t subject) const {
  if (on_moment_) on_moment_({kind, partition, subject});
}

void ClusterOracle::tell_changes(const TopicPartition& partition, const StateZnode& state,
                                 const StateZnode& before) const {
  for (const std::int32_t member : before.isr) {
    if (!state.in_isr(member)) tell(Moment::Kind::isr_shrinks, partition, member);
  }
  for (const std::int32_t member : state.isr) {
    if (!before.in_isr(member)) tell(Moment::Kind::isr_grows, partition, member);
  }
  if (state.leader >= 0 && state.leader != before.leader) tell(Moment::Kind::elected, partition, state.leader);
}

void ClusterOracle::judge_membership(const TopicPartition& partition) {
  const StateZnode* state = mirror_.state(partition);
  if (state == nullptr || mirror_.topic(partition.topic) == nullptr) return;
  const std::vector<std::int32_t> replicas = mirror_.replicas(partition);
  const std::string where = partition.to_string() + ": ISR " + join(state->isr);
  for (const std::int32_t member : state->isr) {
    if (std::ranges::find(replicas, member) != replicas.end()) continue;
    judge_("C6", where + " names a broker that is none of the replicas " + join(replicas));
  }
  if (state->leader >= 0 && !state->in_isr(state->leader)) {
    judge_("C6", where + " does not hold the leader " + std::to_string(state->leader));
  }
}

std::string ClusterOracle::setting(const std::string& topic, const std::string& topic_key,
                                   const std::string& broker_key, const std::string& otherwise) const {
  if (const auto own = mirror_.topic_config(topic, topic_key)) return *own;
  const auto all = config_.find(broker_key);
  return all == config_.end() ? otherwise : all->second;
}

const PartitionOracle::Rules& ClusterOracle::rules_of(const TopicPartition& partition) const {
  const auto known = rules_.find(partition);
  return known != rules_.end() ? known->second : rules_.emplace(partition, read_rules(partition)).first->second;
}

PartitionOracle::Rules ClusterOracle::read_rules(const TopicPartition& partition) const {
  PartitionOracle::Rules rules;
  rules.min_insync = to_size(setting(partition.topic, "min.insync.replicas", "min.insync.replicas", "1"));
  const TopicZnode* topic = mirror_.topic(partition.topic);
  if (topic != nullptr) {
    const auto smallest = smallest_min_insync_.find(topic->id);
    if (smallest != smallest_min_insync_.end()) rules.min_insync = std::min(rules.min_insync, smallest->second);
  }
  rules.min_insync_known = !mirror_.config_changed(partition.topic);
  rules.compacted = setting(partition.topic, "cleanup.policy", "log.cleanup.policy", "delete").find("compact") !=
                    std::string::npos;
  rules.unclean = setting(partition.topic, "unclean.leader.election.enable", "unclean.leader.election.enable",
                          "false") == "true";
  return rules;
}

PartitionOracle& ClusterOracle::oracle_of(const std::string& topic_id, const TopicPartition& partition) {
  auto& oracle = partitions_[{topic_id, partition.partition.value()}];
  if (oracle == nullptr) oracle = std::make_unique<PartitionOracle>(partition.to_string(), judge_);
  return *oracle;
}

const PartitionOracle* ClusterOracle::find(const TopicPartition& partition) const {
  const TopicZnode* topic = mirror_.topic(partition.topic);
  if (topic == nullptr) return nullptr;
  const auto found = partitions_.find({topic->id, partition.partition.value()});
  return found == partitions_.end() ? nullptr : found->second.get();
}

void ClusterOracle::see(std::int32_t broker, const TopicPartition& partition, const std::string& topic_id,
                        const ReplicaView& view, const FileSystem& files, const std::string& directory,
                        const std::function<std::vector<std::int32_t>()>& isr) {
  PartitionOracle& oracle = oracle_of(topic_id, partition);
  const ReplicaView* before = oracle.view(broker);
  if (before != nullptr && *before == view) return;
  const bool grew = before == nullptr || before->log_end < view.log_end;
  oracle.see(broker, view, files, directory, rules_of(partition), isr);
  const StateZnode* state = on_moment_ && grew && !view.leads ? mirror_.state(partition) : nullptr;
  if (state == nullptr || state->in_isr(broker)) return;
  const ReplicaView* leader = oracle.view(state->leader);
  if (leader != nullptr && view.log_end >= leader->log_end) tell(Moment::Kind::caught_up, partition, broker);
}

// replica.lag.time.max.ms, half of it until somebody looks, and what an answer takes.
Duration ClusterOracle::patience() const {
  const auto lag = config_.find("replica.lag.time.max.ms");
  const std::size_t ms = lag == config_.end() ? 30'000 : to_size(lag->second);
  return std::chrono::milliseconds(ms + ms / 2) + std::chrono::seconds(1);
}

void ClusterOracle::stood_still(std::int32_t broker, const TopicPartition& partition, const ReplicaView& view,
                                const std::vector<std::int32_t>& isr, Duration time) const {
  const PartitionOracle::Rules& rules = rules_of(partition);
  // What is not synced does not count where each batch is.
  const bool synced = !setting(partition.topic, "flush.messages", "log.flush.interval.messages", "").empty();
  // No workload raises min.insync.replicas.
  if (isr.size() != 1 || rules.min_insync > 1 || synced) return;
  const auto ms = time / std::chrono::milliseconds(1);
  judge_("H6", partition.to_string() + " at broker " + std::to_string(broker) + ": alone in sync, the high watermark " +
                   "stands at " + std::to_string(view.high_watermark) + ", the log ends at " +
                   std::to_string(view.log_end) + ", for " + std::to_string(ms) + " ms");
}

void ClusterOracle::removed(std::int32_t broker, const TopicPartition& partition, const std::string& topic_id) {
  const auto found = partitions_.find({topic_id, partition.partition.value()});
  if (found != partitions_.end()) found->second->forget(broker);
}

void ClusterOracle::process_ended(std::int32_t broker) {
  for (const auto& [key, oracle] : partitions_) oracle->forget(broker);
  tell(Moment::Kind::down, {}, broker);
}

void ClusterOracle::lost_tail(std::int32_t broker, const std::map<TopicPartition, std::int64_t>& sure_end) {
  for (const auto& [partition, state] : mirror_.states()) {
    const TopicZnode* topic = mirror_.topic(partition.topic);
    if (topic == nullptr) continue;
    const auto end = sure_end.find(partition);
    oracle_of(topic->id, partition).tainted(broker, end == sure_end.end() ? 0 : end->second);
  }
}

bool ClusterOracle::may_wipe(std::int32_t broker, const std::set<std::int32_t>& live) const {
  for (const auto& [partition, state] : mirror_.states()) {
    const auto replicas = mirror_.replicas(partition);
    if (std::ranges::find(replicas, broker) == replicas.end()) continue;
    const PartitionOracle* oracle = find(partition);
    const bool other = std::ranges::any_of(state.isr, [&](std::int32_t member) {
      const ReplicaView* view = oracle == nullptr || member == broker ? nullptr : oracle->view(member);
      return view != nullptr && live.contains(member) && view->log_end >= oracle->ledger_end();
    });
    if (!other) return false;
  }
  return true;
}

void ClusterOracle::acknowledged(const TopicPartition& partition, std::int64_t first, std::int64_t last) {
  const TopicZnode* topic = mirror_.topic(partition.topic);
  if (topic != nullptr) oracle_of(topic->id, partition).acknowledged(first, last);
}

void ClusterOracle::consumed(const TopicPartition& partition, std::int64_t offset) {
  const TopicZnode* topic = mirror_.topic(partition.topic);
  if (topic != nullptr) oracle_of(topic->id, partition).consumed(offset);
}

void ClusterOracle::told_of_topic(const std::string& topic, std::int32_t partitions) {
  const TopicZnode* stored = mirror_.topic(topic);
  const std::size_t there = stored == nullptr ? 0 : stored->replicas.size();
  const bool goes = there == 0 || mirror_.is_marked_for_deletion(topic);
  if (partitions == 0 ? goes : there >= static_cast<std::size_t>(partitions)) return;
  judge_("M5", "an admin was told that " + topic + " has " + std::to_string(partitions) + " partitions, and it has " +
                   std::to_string(there));
}

std::int32_t ClusterOracle::epoch_at(const TopicPartition& partition, std::int32_t broker) const {
  const PartitionOracle* oracle = find(partition);
  const ReplicaView* view = oracle == nullptr ? nullptr : oracle->view(broker);
  return view == nullptr ? -1 : view->leader_epoch;
}

void ClusterOracle::served(const TopicPartition& partition, std::int32_t broker, std::int32_t named,
                           std::int32_t epoch_before) {
  const TopicZnode* topic = mirror_.topic(partition.topic);
  if (topic != nullptr) oracle_of(topic->id, partition).served(broker, named, epoch_before);
}

ClusterOracle::Unrest ClusterOracle::unrest(const std::set<std::int32_t>& live) const {
  if (mirror_.controller() < 0) return {"L4", "there is no controller"};
  if (!live.contains(mirror_.controller())) {
    return {"L4", "the controller is broker " + std::to_string(mirror_.controller()) + ", which does not run"};
  }
  for (const std::int32_t broker : live) {
    if (!mirror_.brokers().contains(broker)) {
      return {"L4", "broker " + std::to_string(broker) + " runs and is not registered"};
    }
  }
  if (const std::string pending = mirror_.pending(); !pending.empty()) return {"L3", "still to be done: " + pending};
  for (const auto& [name, topic] : mirror_.topics()) {
    for (const auto& [index, replicas] : topic.replicas) {
      const TopicPartition partition{name, PartitionId(index)};
      const StateZnode* state = mirror_.state(partition);
      if (state == nullptr) return {"L3", partition.to_string() + " has no state"};
      if (Unrest found = unrest_of(partition, *state, live); !found.what.empty()) return found;
    }
  }
  return strays(live);
}

ClusterOracle::Unrest ClusterOracle::strays(const std::set<std::int32_t>& live) const {
  std::map<std::string, std::string> names;
  for (const auto& [name, topic] : mirror_.topics()) names[topic.id] = name;
  for (const auto& [key, oracle] : partitions_) {
    const auto name = names.find(key.first);
    std::vector<std::int32_t> assigned;
    if (name != names.end()) assigned = mirror_.replicas({name->second, PartitionId(key.second)});
    for (const std::int32_t broker : live) {
      if (oracle->view(broker) == nullptr || std::ranges::find(assigned, broker) != assigned.end()) continue;
      return {"L5", oracle->name() + ": broker " + std::to_string(broker) + " hosts it, and is none of its replicas " +
                        join(assigned)};
    }
  }
  return {};
}

ClusterOracle::Unrest ClusterOracle::unrest_of(const TopicPartition& partition, const StateZnode& state,
                                               const std::set<std::int32_t>& live) const {
  const std::string where = partition.to_string() + ": ";
  const PartitionOracle* oracle = find(partition);
  const ReplicaView* leader = oracle == nullptr || state.leader < 0 ? nullptr : oracle->view(state.leader);
  if (leader == nullptr || !leader->leads || leader->leader_epoch != state.leader_epoch) {
    return {"L3", where + "leader " + std::to_string(state.leader) + " of epoch " + std::to_string(state.leader_epoch) +
                      " does not lead"};
  }
  for (const std::int32_t replica : mirror_.replicas(partition)) {
    if (!live.contains(replica)) continue;
    if (!state.in_isr(replica)) {
      return {"L1", where + "broker " + std::to_string(replica) + " is not in the ISR " + join(state.isr)};
    }
    const ReplicaView* view = oracle->view(replica);
    if (view == nullptr) return {"L1", where + "broker " + std::to_string(replica) + " does not host it"};
    if (view->log_end != leader->log_end || view->leader_epoch != leader->leader_epoch) {
      return {"L1", where + "broker " + std::to_string(replica) + " is at " + std::to_string(view->log_end) +
                        " in epoch " + std::to_string(view->leader_epoch) + ", the leader at " +
                        std::to_string(leader->log_end) + " in epoch " + std::to_string(leader->leader_epoch)};
    }
    if (view->high_watermark != leader->log_end) {
      return {"L2", where + "the high watermark of broker " + std::to_string(replica) + " is " +
                        std::to_string(view->high_watermark) + ", the log ends at " + std::to_string(leader->log_end)};
    }
  }
  return {};
}

std::uint64_t ClusterOracle::excused() const {
  std::uint64_t sum = 0;
  for (const auto& [key, oracle] : partitions_) sum += oracle->excused();
  return sum;
}

std::uint64_t ClusterOracle::unclean_elections() const {
  std::uint64_t sum = 0;
  for (const auto& [key, oracle] : partitions_) sum += oracle->unclean_elections();
  return sum;
}

}  // namespace barnabas::sim
