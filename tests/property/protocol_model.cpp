#include "tests/property/protocol_model.hpp"

#include <algorithm>

#include "core/replication/divergence.hpp"

namespace barnabas::controller {
namespace {

constexpr std::size_t kBagLimit = 60;
constexpr std::size_t kFetchAtMost = 3;
constexpr Duration kMaxLag = 100ms;
constexpr int kStepsToSettle = 20'000;

}  // namespace

ProtocolModel::ProtocolModel(std::uint64_t seed, ModelOptions options) : options_(options), prng_(seed) {
  policy_.min_insync_replicas = options.min_insync_replicas;
  for (int i = 0; i < options.brokers; ++i) {
    Broker& made = brokers_.emplace_back();
    made.id = BrokerId(i);
    replicas_.push_back(made.id);
  }
  for (Broker& one : brokers_) start(one);
  look_at_registrations();
  record_.leader = BrokerId(0);
  for (const BrokerId id : replicas_) record_.isr.push_back({id, broker(id).incarnation});
  tell_all();
}

void ProtocolModel::complain(const std::string& what) {
  if (broken_.empty()) broken_ = what;
}

std::string ProtocolModel::run() {
  for (int i = 0; i < options_.steps && broken_.empty(); ++i) step();
  // Healed: no more faults, everybody runs, and the controller sees it.
  for (Broker& one : brokers_) {
    if (!one.running) start(one);
    if (!registered_.contains(one.id)) {
      stop(one, false);
      start(one);
    }
  }
  for (int i = 0; i < kStepsToSettle && broken_.empty() && !settled(); ++i) {
    now_ += 1ms;
    look_at_registrations();
    rule();
    if (i % 50 == 0) tell_all();
    for (Broker& one : brokers_) {
      send_fetch(one);
      if (one.leading) one.leading->tick(now_);
      send_proposal(one);
      if (one.following && prng_.chance({1, 20})) one.following->awaited = 0;  // A lost request is given up.
    }
    while (!bag_.empty() && broken_.empty()) deliver(prng_.below(bag_.size()));
  }
  if (broken_.empty() && !settled()) complain("L: the replicas do not come to agree after the faults" + state());
  return broken_;
}

std::string ProtocolModel::state() const {
  const auto members = [](const std::vector<Member>& list) {
    std::string text;
    for (const Member& member : list)
      text += " " + std::to_string(member.id.value()) + "@" + std::to_string(member.incarnation);
    return text;
  };
  std::string text = "\nleader " + std::to_string(record_.leader.value()) + " epoch " +
                     std::to_string(record_.leader_epoch.value()) + " version " + std::to_string(partition_epoch_) +
                     " isr" + members(record_.isr) + " eligible" + members(record_.eligible);
  for (const Broker& one : brokers_) {
    text += "\nbroker " + std::to_string(one.id.value()) + "@" + std::to_string(one.incarnation) + " end " +
            std::to_string(one.log.size()) + " high watermark " + std::to_string(one.high_watermark.value()) +
            (one.leading     ? " leads "
             : one.following ? " follows in "
                             : " idle ") +
            std::to_string(one.seen_epoch.value()) + "/" + std::to_string(one.seen_partition_epoch) +
            (one.leading && one.leading->proposal() ? " proposes" : "");
  }
  return text;
}

bool ProtocolModel::settled() {
  if (record_.leader == kNoBroker || record_.isr.size() != replicas_.size()) return false;
  const Broker& leader = broker(record_.leader);
  if (!leader.leading || leader.leading->high_watermark() != leader.end()) return false;
  return std::all_of(brokers_.begin(), brokers_.end(), [&](const Broker& one) { return one.log == leader.log; });
}

void ProtocolModel::step() {
  now_ += std::chrono::milliseconds(prng_.below(3));
  const std::uint64_t draw = prng_.below(100);
  if (draw < 45 && !bag_.empty()) return deliver(prng_.below(bag_.size()));
  Broker& on = any_broker();
  if (draw < 60) return produce(on);
  if (draw < 80) return send_fetch(on);
  if (draw < 86) return send_proposal(on);
  if (draw < 89) {
    if (on.leading) on.leading->tick(now_);
    return;
  }
  if (draw < 91) {
    on.durable = on.log.size();  // The system wrote back its cache.
    return;
  }
  if (draw < 93) return look_at_registrations();
  if (draw < 96) return rule();
  fault(on);
}

void ProtocolModel::fault(Broker& on) {
  switch (prng_.below(7)) {
    case 0:
      if (on.running) stop(on, false);
      break;
    case 1:
      if (on.running && options_.power_cuts && may_lose_power(on)) stop(on, true);
      break;
    case 2:
    case 3:
      if (!on.running) start(on);
      break;
    case 4:
      if (!on.running || prng_.chance({1, 4})) registered_.erase(on.id);  // The session is over, rightly or not.
      break;
    case 5:
      if (!bag_.empty()) bag_.erase(bag_.begin() + static_cast<std::ptrdiff_t>(prng_.below(bag_.size())));
      break;
    default:
      now_ += kMaxLag;
      if (on.following) on.following->awaited = 0;
      break;
  }
}

// As far as the promise goes: fewer than min.insync.replicas members lose their power before ZooKeeper knows of it, and
// somebody else holds what was committed.
bool ProtocolModel::may_lose_power(const Broker& on) const {
  std::size_t keep = 0;
  std::size_t lost = 1;
  for (const auto* members : {&record_.isr, &record_.eligible}) {
    for (const Member& member : *members) {
      if (member.id == on.id) continue;
      const Broker& other = brokers_[static_cast<std::size_t>(member.id.value())];
      ++(other.incarnation == member.incarnation ? keep : lost);
    }
  }
  return keep > 0 && lost < options_.min_insync_replicas;
}

void ProtocolModel::start(Broker& on) {
  on.running = true;
  on.lost_power = false;
  on.broker_epoch = next_broker_epoch_++;
  registered_[on.id] = {on.broker_epoch, on.incarnation, false};
}

void ProtocolModel::stop(Broker& on, bool power_cut) {
  on.running = false;
  on.leading.reset();
  on.following.reset();
  on.known.clear();
  on.seen_epoch = LeaderEpoch(-1);
  on.seen_partition_epoch = -1;
  // The checkpoint is older than what was known.
  on.high_watermark = Offset(prng_.between(0, on.high_watermark.value()));
  if (!power_cut) return;
  ++power_cuts_;
  const auto kept = static_cast<std::int64_t>(on.durable + prng_.below(on.log.size() - on.durable + 1));
  cut(on, Offset(kept));
  on.high_watermark = std::min(on.high_watermark, on.end());
  ++on.incarnation;
}

void ProtocolModel::append(Broker& on, Entry entry) {
  const auto [at, is_new] = written_.try_emplace({on.end().value(), entry.epoch}, entry.value);
  if (!is_new && at->second != entry.value) {
    complain("R3: two records at offset " + std::to_string(on.end().value()) + " of one epoch");
  }
  on.epochs.assign(entry.epoch, on.end());
  on.log.push_back(entry);
}

void ProtocolModel::cut(Broker& on, Offset end) {
  on.log.resize(static_cast<std::size_t>(end.value()));
  on.durable = std::min(on.durable, on.log.size());
  on.epochs.truncate_from_end(end);
}

void ProtocolModel::raise_high_watermark(Broker& on, Offset to) {
  if (to < on.high_watermark) return complain("H1: a leader's high watermark fell");
  on.high_watermark = to;
  for (std::size_t i = 0; i < static_cast<std::size_t>(to.value()); ++i) {
    if (i == ledger_.size()) ledger_.push_back(on.log[i]);
    if (ledger_[i] != on.log[i])
      return complain("R1: offset " + std::to_string(i) + " was committed as another record");
  }
}

void ProtocolModel::check_new_leader(const Broker& on) {
  for (std::size_t i = 0; i < ledger_.size(); ++i) {
    if (i < on.log.size() && on.log[i] == ledger_[i]) continue;
    return complain("R1: the leader of epoch " + std::to_string(record_.leader_epoch.value()) + ", broker " +
                    std::to_string(on.id.value()) + ", lacks the committed record " + std::to_string(i));
  }
}

void ProtocolModel::produce(Broker& on) {
  if (!on.leading || !on.leading->enough_insync()) return;
  const LeaderEpoch epoch = on.leading->epoch();
  if (appenders_.try_emplace(epoch, on.id).first->second != on.id)
    return complain("E1: two leaders of one epoch append");
  append(on, {epoch, next_value_++});
  if (on.leading->log_grew(on.end()).high_watermark_moved) raise_high_watermark(on, on.leading->high_watermark());
}

void ProtocolModel::send_fetch(Broker& on) {
  if (!on.running || !on.following || on.following->awaited != 0 || bag_.size() >= kBagLimit) return;
  on.following->awaited = next_request_++;
  const LeaderEpoch last = on.log.empty() ? kNoLeaderEpoch : on.log.back().epoch;
  bag_.push_back({on.following->leader,
                  Fetch{on.id, on.broker_epoch, on.following->epoch, on.end(), last, on.following->awaited}});
}

void ProtocolModel::send_proposal(Broker& on) {
  if (!on.leading || !on.leading->proposal() || bag_.size() >= kBagLimit) return;
  const replication::IsrProposal& proposal = *on.leading->proposal();
  IsrRequest request{on.id, on.broker_epoch, proposal.leader_epoch, proposal.partition_epoch, {}};
  for (const replication::IsrMember& member : proposal.isr) request.isr.push_back({member.id, member.broker_epoch});
  bag_.push_back({kNoBroker, std::move(request)});
}

void ProtocolModel::deliver(std::size_t index) {
  const Message message = std::move(bag_[index]);
  bag_.erase(bag_.begin() + static_cast<std::ptrdiff_t>(index));
  if (message.to == kNoBroker) return receive_as_controller(std::get<IsrRequest>(message.what));
  Broker& on = broker(message.to);
  if (!on.running) return;
  if (const auto* order = std::get_if<LeaderAndIsr>(&message.what)) receive(on, *order);
  if (const auto* fetch = std::get_if<Fetch>(&message.what)) receive(on, *fetch);
  if (const auto* fetched = std::get_if<Fetched>(&message.what)) receive(on, *fetched);
  if (const auto* answer = std::get_if<AlterAnswer>(&message.what)) receive(on, *answer);
}

void ProtocolModel::receive(Broker& on, const LeaderAndIsr& message) {
  if (message.broker_epoch < on.broker_epoch) return;  // For a former life.
  for (const auto& [id, epoch] : message.live) {
    std::int64_t& known = on.known.try_emplace(id, -1).first->second;
    known = std::max(known, epoch);
    if (on.leading && known == epoch) on.leading->registered(id, epoch, now_);
  }
  const PartitionRecord& record = message.record;
  if (record.leader_epoch > on.seen_epoch) {
    on.seen_epoch = record.leader_epoch;
    on.seen_partition_epoch = message.partition_epoch;
    return record.leader == on.id ? become_leader(on, message) : become_follower(on, message);
  }
  if (record.leader_epoch < on.seen_epoch || message.partition_epoch <= on.seen_partition_epoch) return;
  on.seen_partition_epoch = message.partition_epoch;
  if (!on.leading) return;
  replication::Leadership leadership{record.leader_epoch, message.partition_epoch, replicas_, {}};
  for (const Member& member : record.isr) {
    const auto found = message.live.find(member.id);
    leadership.isr.push_back({member.id, found == message.live.end() ? 0 : found->second});
  }
  on.leading->updated(leadership);
  raise_high_watermark(on, on.leading->high_watermark());
}

void ProtocolModel::become_leader(Broker& on, const LeaderAndIsr& message) {
  on.following.reset();
  check_new_leader(on);
  replication::Leadership leadership{message.record.leader_epoch, message.partition_epoch, replicas_, {}};
  for (const Member& member : message.record.isr) {
    const auto found = message.live.find(member.id);
    leadership.isr.push_back({member.id, found == message.live.end() ? 0 : found->second});
  }
  on.epochs.assign(leadership.epoch, on.end());
  on.leading = std::make_unique<replication::LeaderState>(
      on.id, on.broker_epoch, std::move(leadership), on.end(), on.high_watermark, now_,
      replication::LeaderLimits{kMaxLag, options_.min_insync_replicas});
  for (const auto& [id, epoch] : on.known) on.leading->registered(id, epoch, now_);
  raise_high_watermark(on, on.leading->high_watermark());
}

void ProtocolModel::become_follower(Broker& on, const LeaderAndIsr& message) {
  on.leading.reset();
  on.following.reset();
  if (message.record.leader == kNoBroker) return;
  on.following = Following{message.record.leader, message.record.leader_epoch, 0};
}

void ProtocolModel::receive(Broker& on, const Fetch& message) {
  if (!on.leading || on.leading->epoch() != message.epoch) return;  // FENCED or UNKNOWN_LEADER_EPOCH.
  Fetched answer{};
  answer.epoch = message.epoch;
  answer.number = message.number;
  answer.leader_end = on.end();
  answer.offset = message.offset;
  const auto diverging = replication::diverging_epoch(on.epochs, on.end(), message.offset, message.last_epoch);
  if (!diverging || message.offset > on.end()) {
    answer.out_of_range = true;
  } else if (*diverging) {
    answer.diverging = *diverging;
  } else {
    on.leading->fetched({message.from, message.broker_epoch, message.offset, now_});
    raise_high_watermark(on, on.leading->high_watermark());
    for (auto i = static_cast<std::size_t>(message.offset.value());
         i < on.log.size() && answer.entries.size() < kFetchAtMost; ++i) {
      answer.entries.push_back(on.log[i]);
    }
  }
  answer.high_watermark = on.high_watermark;
  bag_.push_back({message.from, std::move(answer)});
}

void ProtocolModel::receive(Broker& on, const Fetched& message) {
  if (!on.following || on.following->epoch != message.epoch || on.following->awaited != message.number) return;
  on.following->awaited = 0;
  if (message.out_of_range) return cut(on, std::min(on.end(), message.leader_end));
  if (message.diverging) return cut(on, replication::truncation_offset(on.epochs, on.end(), *message.diverging));
  for (const Entry& entry : message.entries) append(on, entry);
  on.high_watermark = std::max(on.high_watermark, std::min(message.high_watermark, on.end()));
}

void ProtocolModel::receive(Broker& on, const AlterAnswer& message) {
  if (!on.leading || on.leading->epoch() != message.epoch || !on.leading->proposal() ||
      on.leading->proposal()->partition_epoch != message.based_on) {
    return;
  }
  if (message.outcome) {
    on.seen_partition_epoch = std::max(on.seen_partition_epoch, *message.outcome);
    on.leading->proposal_accepted(*message.outcome);
  } else if (message.outcome.error() == IsrRefusal::ineligible_replica) {
    on.leading->proposal_refused();
  }
  // Otherwise the controller knows better, and its word is on the way.
  raise_high_watermark(on, on.leading->high_watermark());
}

void ProtocolModel::receive_as_controller(const IsrRequest& request) {
  const auto decided = alter_isr(record_, partition_epoch_, replicas_, live_, policy_, request);
  AlterAnswer answer{request.leader_epoch, request.partition_epoch, {}};
  if (decided) {
    write(*decided);
    answer.outcome = partition_epoch_;
  } else {
    answer.outcome = std::unexpected(decided.error());
  }
  bag_.push_back({request.leader, answer});
}

void ProtocolModel::look_at_registrations() { live_ = registered_; }

void ProtocolModel::rule() {
  const auto leader = live_.find(record_.leader);
  const auto entry = std::find_if(record_.isr.begin(), record_.isr.end(),
                                  [&](const Member& member) { return member.id == record_.leader; });
  const bool leads = leader != live_.end() && entry != record_.isr.end() && is_valid(*entry, live_);
  if (!leads) {
    if (auto election = elect(record_, replicas_, live_, ElectionKind::offline, policy_)) {
      ++elections_;
      write(std::move(election->record));
    }
  } else if (auto next = drop_lost(record_, replicas_, live_, policy_)) {
    write(*std::move(next));
  } else if (prng_.chance({1, 10})) {
    if (auto election = elect(record_, replicas_, live_, ElectionKind::preferred, policy_)) {
      ++elections_;
      write(std::move(election->record));
    }
  }
  tell_all();
}

void ProtocolModel::write(PartitionRecord record) {
  record_ = std::move(record);
  ++partition_epoch_;
}

void ProtocolModel::tell_all() {
  std::map<BrokerId, std::int64_t> epochs;
  for (const auto& [id, one] : live_) epochs[id] = one.epoch;
  for (const auto& [id, one] : live_) {
    if (bag_.size() < 2 * kBagLimit) bag_.push_back({id, LeaderAndIsr{record_, partition_epoch_, epochs, one.epoch}});
  }
}

}  // namespace barnabas::controller
