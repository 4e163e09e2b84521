// Random clients, random failures of the log, random crashes of the coordinator, against the invariants G1-G5:
//
// G1  All assignments of one generation come from one SyncGroup of its leader.
// G2  Generations only rise, also across a crash.
// G3  A commit is accepted only for the present generation, or without one while nobody is in the group.
// G4  A group.instance.id has one member.
// G5  A member is dropped only after a session or rebalance timeout without contact, or by leaving.
// And: what is persistent equals the replay of the records; clients that behave end in a stable group.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>
#include <set>

#include "tests/coordinator/group_fixture.hpp"

namespace barnabas::coordinator::group {
namespace {

constexpr Duration kSession = 10s;
constexpr Duration kRebalance = 30s;
constexpr std::size_t kClients = 5;

// As a consumer behaves; what it believes of its membership comes from answers only.
struct Client {
  std::optional<std::string> instance_id;
  bool two_step = false;  // Is told its id first.
  std::string member_id;
  std::int32_t generation = -1;
  std::string leader;
  std::vector<std::string> members;  // When it leads.
  bool in_group = false;             // Has an assignment, as far as it knows.
  std::optional<WaiterId> join;
  std::optional<WaiterId> sync;
};

struct Step {
  int kind;
  std::size_t who;
  int amount;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{" << step.kind << ", " << step.who << ", " << step.amount << "}";
}

class Model {
 public:
  Model() {
    for (std::size_t i = 0; i < kClients; ++i) {
      Client& client = clients_.emplace_back();
      if (i == 0 || i == 1) client.instance_id = "instance-" + std::to_string(i);
      client.two_step = i == 2;
    }
    driver_.writes_succeed = false;
  }

  void take(const Step& step) {
    Client& client = clients_[step.who];
    const bool free = !driver_.group.writing();
    switch (step.kind) {
      case 0:
      case 1:
        if (free) join(client);
        break;
      case 2:
      case 3:
        if (free) sync(client);
        break;
      case 4: heartbeat(client); break;
      case 5: commit(client, step.amount); break;
      case 6:
        if (free && step.amount % 4 == 0) leave(client);
        break;
      case 7:
        if (free) pass(std::chrono::seconds(step.amount));
        break;
      case 8:
      case 9:
      case 10:
        if (!free) finish_write();
        break;
      case 11:
        if (!free) driver_.fail_write(ErrorCode::coordinator_not_available);
        break;
      case 12:
        if (step.amount % 8 == 0) crash();
        break;
      case 13:
        if (free && client.instance_id) duplicate(client);
        break;
      default: break;
    }
    collect();
    check();
  }

  // Everybody behaves and the log works: the group must become stable with everybody in it.
  void settle() {
    for (int round = 0; round < 200; ++round) {
      for (Client& client : clients_) {
        while (driver_.group.writing()) finish_write();
        collect();
        if (client.join || client.sync) continue;
        if (!client.in_group) {
          client.generation < 0 ? join(client) : sync(client);
        } else {
          heartbeat(client);
        }
        collect();
      }
      while (driver_.group.writing()) finish_write();
      pass(1s);
      collect();
      check();
    }
    RC_ASSERT(driver_.group.state() == GroupState::stable);
    RC_ASSERT(driver_.group.size() == kClients);
    for (const Client& client : clients_) RC_ASSERT(client.in_group);
  }

 private:
  GroupDriver::Joiner joiner(const Client& client) const {
    return {.member_id = client.member_id,
            .instance_id = client.instance_id,
            .require_known_member = client.two_step,
            .can_skip_assignment = true,
            .session_timeout = kSession,
            .rebalance_timeout = kRebalance};
  }

  void join(Client& client) {
    if (client.sync) return;
    client.in_group = false;
    const WaiterId waiter = driver_.join(joiner(client));
    client.join = waiter;
    touch(client.member_id);
  }
  // Another process with the same instance id.
  void duplicate(Client& client) {
    client.member_id.clear();
    client.join.reset();
    client.sync.reset();
    client.generation = -1;
    join(client);
  }
  void sync(Client& client) {
    if (client.generation < 0 || client.join || client.sync) return;
    std::vector<std::pair<std::string, std::string>> assignments;
    if (client.leader == client.member_id) {
      const std::string attempt = std::to_string(client.generation) + "/" + std::to_string(++attempts_) + "/";
      for (const std::string& member : client.members) assignments.emplace_back(member, attempt + member);
    }
    client.sync = driver_.sync(client.member_id, client.generation, std::move(assignments));
    touch(client.member_id);
  }
  void heartbeat(Client& client) {
    if (client.generation < 0 || client.join || client.sync) return;
    const ErrorCode error =
        driver_.group.heartbeat({client.member_id, client.instance_id}, client.generation, driver_.at.now);
    if (error == ErrorCode::none || error == ErrorCode::rebalance_in_progress) touch(client.member_id);
    if (error != ErrorCode::none) refused(client, error);
  }
  void commit(Client& client, int amount) {
    const bool alone = amount % 3 == 0;
    const MemberIdentity who = alone ? MemberIdentity{} : MemberIdentity{client.member_id, client.instance_id};
    const std::int32_t generation = alone ? -1 : client.generation;
    const std::size_t members = driver_.group.size();
    if (driver_.group.commit(who, generation, driver_.at.now) != ErrorCode::none) return;
    if (generation < 0) {
      RC_ASSERT(members == 0u);  // G3
      return;
    }
    RC_ASSERT(!driver_.log.empty());
    RC_ASSERT(generation == driver_.log.back().generation);  // G3
    RC_ASSERT(generation >= last_committed_generation_);
    last_committed_generation_ = generation;
    touch(client.member_id);
  }
  void leave(Client& client) {
    if (client.member_id.empty()) return;
    leaving_ = client.member_id;
    driver_.leave(std::vector<MemberIdentity>{{client.member_id, client.instance_id}});
    Client anew;
    anew.instance_id = client.instance_id;
    anew.two_step = client.two_step;
    client = anew;
  }
  void pass(Duration duration) { driver_.pass(duration); }
  void finish_write() { driver_.finish_write(); }

  // The coordinator dies; another one takes over from the log.
  void crash() {
    const std::vector<GroupMetadata> log = driver_.log;
    GroupDriver next;
    next.at = driver_.at;
    next.members_made = driver_.members_made;
    next.last_waiter = driver_.last_waiter;
    // Group refers to its driver's config: rebuilt in place.
    driver_.~GroupDriver();
    new (&driver_) GroupDriver();
    driver_.at = next.at;
    driver_.members_made = next.members_made;
    driver_.last_waiter = next.last_waiter;
    driver_.writes_succeed = false;
    driver_.log = log;
    for (const GroupMetadata& value : log) driver_.group.replay(value);
    driver_.group.resume(driver_.at.now);
    last_contact_.clear();
    members_.clear();
    for (Client& client : clients_) {
      if (client.join || client.sync) refused(client, ErrorCode::not_coordinator);
    }
  }

  void refused(Client& client, ErrorCode error) {
    client.in_group = false;
    client.join.reset();
    client.sync.reset();
    client.generation = -1;
    const bool lost = error == ErrorCode::unknown_member_id || error == ErrorCode::fenced_instance_id ||
                      error == ErrorCode::illegal_generation;
    if (lost) client.member_id.clear();
  }

  // Hands the answers to the clients.
  void collect() {
    for (Client& client : clients_) {
      if (client.join && driver_.answered(*client.join)) {
        const JoinReply reply = driver_.joined(*client.join);
        client.join.reset();
        joined(client, reply);
      }
      if (client.sync && driver_.answered(*client.sync)) {
        const SyncReply reply = driver_.synced(*client.sync);
        client.sync.reset();
        synced(client, reply);
      }
    }
  }
  void joined(Client& client, const JoinReply& reply) {
    if (reply.error == ErrorCode::member_id_required) {
      client.member_id = reply.member_id;
      client.generation = -1;
      return;
    }
    if (reply.error != ErrorCode::none) return refused(client, reply.error);
    RC_ASSERT(reply.generation >= last_generation_);  // G2
    last_generation_ = reply.generation;
    RC_ASSERT(reply.generation == driver_.group.generation());
    client.member_id = reply.member_id;
    client.generation = reply.generation;
    client.leader = reply.skip_assignment ? "" : reply.leader;
    client.members.clear();
    for (const JoinedMember& member : reply.members) client.members.push_back(member.member_id);
    touch(client.member_id);
  }
  void synced(Client& client, const SyncReply& reply) {
    if (reply.error != ErrorCode::none) return refused(client, reply.error);
    client.in_group = true;
    touch(client.member_id);
    // "generation/attempt/member", as the leader made it. A static member that came back has its former part.
    const std::string assigned = text(reply.assignment);
    const std::size_t cut = assigned.rfind('/');
    RC_ASSERT(cut != std::string::npos);
    RC_ASSERT(assigned.substr(0, assigned.find('/')) == std::to_string(client.generation));  // G1
    const auto [known, first] = attempt_of_.emplace(client.generation, assigned.substr(0, cut));
    RC_ASSERT(known->second == assigned.substr(0, cut));  // G1
    if (!client.instance_id) RC_ASSERT(assigned.substr(cut + 1) == client.member_id);
    // Nobody else holds that part in this generation, but the same static member before.
    const auto [holder, unheld] = holders_.emplace(assigned, client.instance_id.value_or(client.member_id));
    RC_ASSERT(holder->second == client.instance_id.value_or(client.member_id));
  }

  void touch(const std::string& member_id) { last_contact_[member_id] = driver_.at.now; }

  void check() {
    std::optional<GroupMetadata> replayed;
    std::int32_t last = 0;
    for (const GroupMetadata& value : driver_.log) {
      RC_ASSERT(value.generation >= last);  // G2
      last = value.generation;
      replayed = value;
    }
    RC_ASSERT(driver_.group.persistent() == replayed);

    std::map<std::string, std::optional<std::string>> now;
    std::set<std::string> instances;
    for (const MemberMetadata& member : driver_.group.describe().members) {
      now.emplace(member.member_id, member.instance_id);
      if (member.instance_id) RC_ASSERT(instances.insert(*member.instance_id).second);  // G4
    }
    for (const auto& [id, instance] : members_) {
      if (now.contains(id) || id == leaving_) continue;
      const bool replaced = instance && instances.contains(*instance);
      const auto contact = last_contact_.find(id);
      const bool silent = contact == last_contact_.end() || driver_.at.now - contact->second >= kSession;
      RC_ASSERT(replaced || silent);  // G5
    }
    members_ = std::move(now);
    leaving_.clear();
  }

  GroupDriver driver_;
  std::vector<Client> clients_;
  int attempts_ = 0;
  std::int32_t last_generation_ = 0;
  std::int32_t last_committed_generation_ = 0;
  std::map<std::int32_t, std::string> attempt_of_;
  std::map<std::string, std::string> holders_;
  std::map<std::string, Instant> last_contact_;
  std::map<std::string, std::optional<std::string>> members_;
  std::string leaving_;
};

RC_GTEST_PROP(GroupProperty, invariants_hold_in_every_interleaving, ()) {
  const auto steps = *rc::gen::scale(
      4.0, rc::gen::container<std::vector<Step>>(rc::gen::construct<Step>(
               rc::gen::inRange(0, 14), rc::gen::inRange<std::size_t>(0, kClients), rc::gen::inRange(0, 20))));
  Model model;
  for (const Step& step : steps) model.take(step);
  model.settle();
}

}  // namespace
}  // namespace barnabas::coordinator::group
