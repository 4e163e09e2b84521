#include "tests/controller/storm.hpp"

#include <stdexcept>

#include "core/zookeeper/znode_tree.hpp"
#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {

namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;
namespace znode = metadata::znode;

constexpr Duration kStorm = 60s;
constexpr Duration kPeace = 300s;

class Storm : private SimCluster {
 public:
  explicit Storm(std::uint64_t seed) : SimCluster(seed), draw_(world_.stream("storm")) {
    // A session that is over leaves its znodes for a while.
    ensemble_.quorum().options().removal_late = 3s;
  }

  StormResult run() {
    try {
      blow();
    } catch (const std::runtime_error& error) {
      broken(error.what());
    }
    check_history();
    for (const auto& one : brokers_) {
      for (const std::string& what : one->violations) broken(one->host() + ": " + what);
      if (one->controller() == nullptr) continue;
      result_.suspicions += one->controller()->counts().suspicions;
    }
    result_.hash = world_.hash();
    return result_;
  }

 private:
  void blow() {
    start(static_cast<int>(draw_.between(3, 4)));
    create("t0", {{1, 2, 3}, {2, 3, 1}}, {{"min.insync.replicas", "2"}});
    create("t1", {{3, 1}, {2, 3}});
    const Instant end = world_.now() + kStorm;
    while (world_.now() < end && result_.broken.empty()) {
      act();
      world_.run_for(std::chrono::milliseconds(draw_.between(1, 600)));
      for (const auto& one : brokers_) epochs_[one->id().value()].insert(one->epoch);
      check_terms();
    }
    if (result_.broken.empty()) calm();
  }

  FakeBroker& any() { return *brokers_[draw_.below(brokers_.size())]; }
  std::string any_server() { return "zk" + std::to_string(draw_.between(1, 3)); }
  TopicPartition any_partition() {
    return at("t" + std::to_string(draw_.below(3)), static_cast<std::int32_t>(draw_.below(2)));
  }
  std::vector<std::int32_t> any_replicas() {
    std::vector<std::int32_t> ids;
    for (const auto& one : brokers_) ids.push_back(one->id().value());
    for (std::size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[draw_.below(i)]);
    ids.resize(static_cast<std::size_t>(draw_.between(2, 3)));
    return ids;
  }

  void act() {
    switch (draw_.below(20)) {
      case 0: return die(any(), false);
      case 1: return die(any(), true);
      case 2:
      case 3:
      case 11:
      case 12: {
        for (const auto& one : brokers_) {
          if (!one->node().alive()) return one->restart();
        }
        return;
      }
      case 13: return die(broker(std::max(1, controller_id())), false);
      case 4: return world_.network().cut(any().host(), any().host());
      case 5: return world_.network().hold(any().host(), any_server());
      case 6:
      case 14: return world_.network().heal_all();
      case 7: {
        lose_answer();
        return order();
      }
      case 8: return ensemble_.server(draw_.below(3)).drop_connections();
      case 9: return ensemble_.server(draw_.below(3)).stall(2s);
      case 10: {
        FakeBroker& one = any();
        if (!one.node().alive()) return;
        return one.node().paused() ? one.node().unpause() : one.node().pause();
      }
      default: return order();
    }
  }

  void die(FakeBroker& one, bool power) {
    if (!one.node().alive()) return;
    if (power) {
      one.power_cut();
      ++one.incarnation;
    } else {
      one.kill();
    }
  }

  // Asks whoever believes to be controller; the answer does not matter.
  void order() {
    FakeBroker& to = any();
    if (!to.ready() || to.node().paused() || !to.controller()->term()) return;
    Controller& controller = *to.controller();
    const TopicPartition id = any_partition();
    switch (draw_.below(8)) {
      case 0: return to.node().spawn_task(make_topic(*this, controller, new_topic(id.topic)));
      case 1: return to.node().spawn_task(remove_topic(controller, id.topic));
      case 2: return to.node().spawn_task(move(controller, id, any_replicas(), draw_.below(4) == 0));
      case 3: return to.node().spawn_task(elect(controller));
      case 4: {
        FakeBroker& stopping = any();
        stopping_[stopping.id().value()] = stopping.epoch;
        return to.node().spawn_task(shut_down(controller, stopping.id().value(), stopping.epoch));
      }
      default: return propose(to, id);
    }
  }

  metadata::NewTopic new_topic(const std::string& name) {
    metadata::NewTopic topic;
    topic.name = name;
    topic.id = Uuid::from_random(draw_.next(), draw_.next());
    for (int i = 0; i < 2; ++i) {
      auto& replicas = topic.assignment.emplace_back();
      for (const std::int32_t replica : any_replicas()) replicas.emplace_back(replica);
    }
    if (draw_.below(2) == 0) topic.config["min.insync.replicas"] = "2";
    return topic;
  }

  // As the leader of the partition sees it: it proposes replicas that it has heard of, itself among them.
  void propose(FakeBroker& to, const TopicPartition& id) {
    FakeBroker& from = any();
    const auto known = from.replicas.find(id);
    const auto held = topic(id.topic);
    if (known == from.replicas.end() || known->second.leader != from.id().value() || !held) return;
    protocol::AlterPartitionRequest request;
    request.broker_id = from.id().value();
    request.broker_epoch = from.epoch;
    auto& group = request.topics.emplace_back();
    group.topic_id = held->id;
    auto& one = group.partitions.emplace_back();
    one.partition_index = id.partition.value();
    one.leader_epoch = known->second.leader_epoch;
    one.partition_epoch = version_of(id);
    for (const std::int32_t replica : known->second.replicas) {
      const bool member = replica == from.id().value() || draw_.below(3) != 0;
      if (member) vouch(id, one, replica, draw_.below(4) == 0 ? some_epoch(replica) : broker(replica).epoch);
    }
    to.node().spawn_task(alter(*to.controller(), std::move(request)));
  }

  // A life that the broker had, or has.
  std::int64_t some_epoch(std::int32_t id) {
    const auto& lives = epochs_[id];
    if (lives.empty()) return broker(id).epoch;
    return *std::next(lives.begin(), static_cast<std::ptrdiff_t>(draw_.below(lives.size())));
  }
  // The leader says that this life of the replica has all records.
  void vouch(const TopicPartition& id, protocol::AlterPartitionRequest::PartitionData& proposal, std::int32_t replica,
             std::int64_t epoch) {
    proposal.new_isr_with_epochs.push_back({replica, epoch, {}});
    const std::string path = znode::state_path(id.topic, static_cast<std::size_t>(id.partition.value()));
    vouched_.insert({path, proposal.leader_epoch, replica, epoch});
  }

  static Task<void> make_topic(Storm& storm, Controller& controller, metadata::NewTopic topic) {
    const std::string name = topic.name;
    const Uuid id = topic.id;
    const auto made = co_await controller.create_topic(std::move(topic));
    if (made || made.error().code != ErrorCode::topic_already_exists) co_return;
    const auto held = storm.topic(name);
    if (held && held->id == id) storm.broken("whoever made " + name + " is told that it was there before");
  }
  static Task<void> remove_topic(Controller& controller, std::string name) {
    (void)co_await controller.delete_topic(std::move(name));
  }
  static Task<void> alter(Controller& controller, protocol::AlterPartitionRequest request) {
    (void)co_await controller.alter_partition(std::move(request), 3);
  }
  static Task<void> elect(Controller& controller) {
    protocol::ElectLeadersRequest request;
    (void)co_await controller.elect_leaders(std::move(request));
  }
  static Task<void> shut_down(Controller& controller, std::int32_t broker, std::int64_t epoch) {
    protocol::ControlledShutdownRequest request;
    request.broker_id = broker;
    request.broker_epoch = epoch;
    (void)co_await controller.controlled_shutdown(std::move(request));
  }
  static Task<void> move(Controller& controller, TopicPartition id, std::vector<std::int32_t> replicas, bool cancel) {
    protocol::AlterPartitionReassignmentsRequest request;
    auto& group = request.topics.emplace_back();
    group.name = protocol::String(id.topic);
    auto& one = group.partitions.emplace_back();
    one.partition_index = id.partition.value();
    if (!cancel) one.replicas = std::move(replicas);
    (void)co_await controller.alter_reassignments(std::move(request));
  }

  // No two brokers hold the same epoch; no broker obeys an older one.
  void check_terms() {
    std::set<std::int32_t> epochs;
    for (const auto& one : brokers_) {
      if (one->controller() == nullptr || !one->controller()->term()) continue;
      const std::int32_t epoch = one->controller()->term()->epoch;
      if (!epochs.insert(epoch).second) broken("two controllers in epoch " + std::to_string(epoch));
      if (std::to_string(epoch) > text("/controller_epoch") && text("/controller_epoch").size() == 1) {
        broken("a controller of an epoch that was never written");
      }
    }
  }

  void calm() {
    world_.network().heal_all();
    ensemble_.heal();
    for (const auto& one : brokers_) {
      // Who wanted to stop does so: nobody takes it back in before.
      const auto stopping = stopping_.find(one->id().value());
      if (stopping != stopping_.end() && stopping->second == one->epoch) die(*one, false);
      if (!one->node().alive()) {
        one->restart();
      } else if (one->node().paused()) {
        one->node().unpause();
      }
    }
    if (!make_peace()) return;
    // Who was controller once hears no more of what happens, and says nothing.
    world_.run_for(5s);
    std::uint64_t stale = 0;
    for (const auto& one : brokers_) stale += one->stale;
    FakeBroker& last = broker(controller_id() == 1 ? 2 : 1);
    last.kill();
    last.restart();
    if (!make_peace()) return;
    for (const auto& one : brokers_) stale -= one->stale;
    if (stale != 0) broken("a former controller speaks");
  }

  bool make_peace() {
    const Instant end = world_.now() + kPeace;
    std::string missing = "nothing was looked at";
    while (world_.now() < end) {
      world_.run_for(1s);
      missing = disorder();
      if (missing.empty()) return true;
      // Leaders let everybody in again, as they do.
      for (const std::string& name : {"t0", "t1", "t2"}) {
        for (std::int32_t i = 0; i < 2; ++i) let_in(at(name, i));
      }
    }
    broken("no peace: " + missing);
    return false;
  }

  void let_in(const TopicPartition& id) {
    const auto held = state(id);
    const std::int32_t to = controller_id();
    if (!held || held->leader == kNoBroker || to == 0) return;
    FakeBroker& from = broker(held->leader.value());
    const auto known = from.replicas.find(id);
    if (known == from.replicas.end() || known->second.leader != from.id().value()) return;
    protocol::AlterPartitionRequest request;
    request.broker_id = from.id().value();
    request.broker_epoch = from.epoch;
    auto& group = request.topics.emplace_back();
    group.topic_id = topic(id.topic)->id;
    auto& one = group.partitions.emplace_back();
    one.partition_index = id.partition.value();
    one.leader_epoch = known->second.leader_epoch;
    one.partition_epoch = version_of(id);
    for (const std::int32_t replica : known->second.replicas) {
      vouch(id, one, replica, broker(replica).epoch);
    }
    broker(to).node().spawn_task(alter(*broker(to).controller(), std::move(request)));
  }

  // What is not yet as it should be; empty: all is well.
  std::string disorder() {
    const std::int32_t controller = controller_id();
    if (controller == 0) return "nobody is controller";
    for (const auto& one : brokers_) {
      if (!one->ready()) return one->host() + " is not ready";
      if (one->controller()->controller_id() != BrokerId(controller)) return one->host() + " knows another controller";
      if (one->live_brokers.size() != brokers_.size()) return one->host() + " does not know every broker";
      for (const auto& [id, epoch] : one->live_brokers) {
        if (epoch != broker(id).epoch) return one->host() + " knows a former life of broker " + std::to_string(id);
      }
    }
    std::set<TopicPartition> all;
    for (const std::string& name : {"t0", "t1", "t2"}) {
      if (exists("/admin/delete_topics/" + name)) return name + " is still to be deleted";
      const auto held = topic(name);
      if (!held) continue;
      for (std::size_t i = 0; i < held->partitions.size(); ++i) {
        const TopicPartition id = at(name, static_cast<std::int32_t>(i));
        all.insert(id);
        const auto& partition = held->partitions[i];
        if (!partition.adding_replicas.empty() || !partition.removing_replicas.empty()) {
          return "the reassignment of " + id.to_string() + " does not end";
        }
        const auto now = state(id);
        if (!now) return id.to_string() + " has no state";
        if (now->leader == kNoBroker) return id.to_string() + " has no leader";
        if (!all_know(id)) return "not everybody knows " + id.to_string();
      }
    }
    for (const auto& one : brokers_) {
      for (const auto& [id, shown] : one->metadata) {
        if (!all.contains(id)) return one->host() + " still shows " + id.to_string();
      }
    }
    return {};
  }

  // The order of all writes.
  void check_history() {
    for (const sim::LogEntry& entry : ensemble_.quorum().log()) {
      for (const zookeeper::Change& change : entry.transaction.changes) {
        if (const auto* made = std::get_if<zookeeper::CreateChange>(&change)) {
          note_registration(made->path, made->data, entry.transaction.zxid);
          look(made->path, made->data);
        }
        if (const auto* set = std::get_if<zookeeper::SetChange>(&change)) {
          note_registration(set->path, set->data, entry.transaction.zxid);  // In the step in which it was made.
          look(set->path, set->data);
        }
        if (const auto* gone = std::get_if<zookeeper::RemoveChange>(&change)) states_.erase(gone->path);
      }
    }
  }

  void note_registration(const std::string& path, const zookeeper::Data& data, zookeeper::Zxid zxid) {
    constexpr std::string_view kPrefix = "/brokers/ids/";
    if (!path.starts_with(kPrefix) || !data) return;
    const std::int32_t id = std::stoi(path.substr(kPrefix.size()));
    const auto info = znode::decode_broker(BrokerId(id), as_text(data->view()));
    if (info) incarnations_[{id, zxid.value()}] = info->incarnation;
  }

  // Who writes states is the controller of the newest epoch; leader epochs never fall; the leader is in sync; and
  // within an epoch nobody comes into the ISR but with the log that the leader vouched for (W1).
  void look(const std::string& path, const zookeeper::Data& data) {
    const std::string json = data ? std::string(as_text(data->view())) : std::string();
    if (path == "/controller_epoch") {
      newest_epoch_ = std::stoi(json);
      ++result_.terms;
    }
    if (!path.ends_with("/state")) return;
    const auto held = znode::decode_state(json);
    if (!held) return broken(path + " holds " + json);
    if (held->controller_epoch != newest_epoch_) broken(path + " was written by a former controller: " + json);
    if (held->isr.empty()) broken(path + " has nobody in sync");
    if (held->leader != kNoBroker && std::ranges::find(held->isr, held->leader) == held->isr.end()) {
      broken(path + ": the leader is not in sync");
    }
    const auto before = states_.find(path);
    if (before != states_.end()) {
      if (held->leader_epoch < before->second.leader_epoch) broken("the leader epoch of " + path + " falls");
      if (held->leader_epoch > before->second.leader_epoch) ++result_.elections;
      if (held->leader_epoch == before->second.leader_epoch) check_joiners(path, before->second, *held);
    }
    states_[path] = *held;
  }

  void check_joiners(const std::string& path, const metadata::PartitionState& before,
                     const metadata::PartitionState& after) {
    const auto has = [](const metadata::PartitionState& state, BrokerId id, std::uint64_t incarnation) {
      for (std::size_t i = 0; i < state.isr.size(); ++i) {
        if (state.isr[i] == id && state.isr_incarnations[i] == incarnation) return true;
      }
      return false;
    };
    for (std::size_t i = 0; i < after.isr.size(); ++i) {
      const std::int32_t id = after.isr[i].value();
      if (has(before, after.isr[i], after.isr_incarnations[i])) continue;
      const bool vouched = std::ranges::any_of(vouched_, [&](const Vouched& one) {
        const auto incarnation = incarnations_.find({id, one.epoch});
        return one.path == path && one.leader_epoch == after.leader_epoch.value() && one.replica == id &&
               incarnation != incarnations_.end() && incarnation->second == after.isr_incarnations[i];
      });
      if (!vouched) broken(path + ": broker " + std::to_string(id) + " came in with a log that nobody vouched for");
    }
  }

  void broken(std::string what) { result_.broken.push_back(std::move(what)); }

  struct Vouched {
    std::string path;
    std::int32_t leader_epoch = 0;
    std::int32_t replica = 0;
    std::int64_t epoch = -1;
    auto operator<=>(const Vouched&) const = default;
  };

  Prng draw_;
  std::map<std::int32_t, std::set<std::int64_t>> epochs_;
  std::set<Vouched> vouched_;
  std::map<std::pair<std::int32_t, std::int64_t>, std::uint64_t> incarnations_;  // Of each life of a broker.
  std::map<std::string, metadata::PartitionState> states_;
  std::int32_t newest_epoch_ = 0;
  std::map<std::int32_t, std::int64_t> stopping_;  // Whom a controller was told so, and in which life.
  StormResult result_;
};

}  // namespace

StormResult run_storm(std::uint64_t seed) { return Storm(seed).run(); }

}  // namespace barnabas::controller
