#include "sim/zookeeper/quorum.hpp"

#include <algorithm>

namespace barnabas::sim {

namespace zk = zookeeper;

Quorum::Quorum(World& world, EnsembleOptions options)
    : world_(world), options_(options), stream_(world.stream("zookeeper quorum")), members_(options.servers) {
  leader_ = stream_.below(members_.size());
  world_.after(options_.tick, [this] { expire_sessions(); });
}

Duration Quorum::draw(Duration limit) { return Duration(stream_.between(0, std::max<std::int64_t>(limit.count(), 1))); }

void Quorum::at_leader(std::size_t server, std::function<void()> action) {
  Member& member = members_[server];
  if (!serves(server)) return;
  const Instant arrival = std::max(world_.now() + draw(options_.channel), member.channel_busy + Duration(1));
  member.channel_busy = arrival;
  world_.at(arrival, [this, epoch = epoch_, action = std::move(action)] {
    if (serving() && epoch_ == epoch) action();
  });
}

void Quorum::propose(Proposal proposal) {
  const std::size_t server = proposal.server;
  at_leader(server, [this, proposal = std::move(proposal)] { decide(proposal); });
}

void Quorum::decide(Proposal proposal) {
  const auto known = sessions_.find(proposal.session);
  if (const auto* open = std::get_if<zk::OpenSession>(&proposal.body)) {
    Session& session = sessions_[proposal.session];
    session.timeout = std::chrono::milliseconds(open->timeout_ms);
    session.deadline = world_.now() + session.timeout;
    session.owner = proposal.server;
  } else if (known == sessions_.end() || known->second.ending) {
    return refuse(proposal, zk::Code::session_expired);
  } else if (known->second.owner && *known->second.owner != proposal.server) {
    return refuse(proposal, zk::Code::session_moved);
  } else {
    known->second.owner = proposal.server;
    known->second.ending = std::holds_alternative<zk::CloseSession>(proposal.body);
  }
  zk::Request request;
  request.session = proposal.session;
  request.time = Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(world_.elapsed()).count());
  std::visit([&](auto& body) { request.body = std::move(body); }, proposal.body);
  request.identities = &proposal.identities;
  zk::Decision decision = tree_.decide(request);
  std::vector<zk::Stat> stats;
  B_CHECK(tree_.apply(decision.transaction, &stats).has_value());
  zk::fill_stats(request, decision.result, stats);
  LogEntry entry{std::move(decision.transaction), std::move(decision.result), proposal.ticket, world_.now()};
  if (auto* writes = std::get_if<zk::WriteOps>(&request.body)) entry.asked = std::move(writes->ops);
  append(std::move(entry));
}

void Quorum::refuse(const Proposal& proposal, zk::Code code) {
  zk::Transaction transaction;
  transaction.zxid = tree_.last_zxid() + 1;
  transaction.session = proposal.session;
  B_CHECK(tree_.apply(transaction).has_value());
  zk::MultiResult result;
  result.results.emplace_back().code = code;
  append({std::move(transaction), std::move(result), proposal.ticket, world_.now()});
}

void Quorum::append(LogEntry entry) {
  log_.push_back(std::move(entry));
  const std::size_t count = log_.size();
  world_.after(draw(options_.commit), [this, count, epoch = epoch_] {
    if (serving() && epoch_ == epoch) commit_up_to(count);
  });
}

void Quorum::commit_up_to(std::size_t count) {
  if (count <= committed_) return;
  for (; committed_ < count; ++committed_) {
    const zk::Transaction& transaction = log_[committed_].transaction;
    if (transaction.kind == zk::Transaction::Kind::close_session) sessions_.erase(transaction.session);
  }
  for (Member& member : members_) member.listener.committed();
}

void Quorum::sync(std::size_t server, std::function<void(std::size_t)> answer) {
  at_leader(server, [this, answer = std::move(answer)] { answer(log_.size()); });
}

void Quorum::revalidate(std::size_t server, zk::SessionId session, std::function<void(bool)> answer) {
  at_leader(server, [this, server, session, answer = std::move(answer)] {
    const auto known = sessions_.find(session);
    const bool lives = known != sessions_.end() && !known->second.ending;
    if (lives) {
      known->second.owner = server;
      known->second.deadline = world_.now() + known->second.timeout;
    }
    answer(lives);
  });
}

std::size_t Quorum::touches_under_way(zk::SessionId session) const {
  const auto found = touches_.find(session);
  return found == touches_.end() ? 0 : found->second;
}

void Quorum::touch(std::size_t server, zk::SessionId session) {
  if (serves(server)) ++touches_[session];
  at_leader(server, [this, session] {
    if (--touches_[session] == 0) touches_.erase(session);
    const auto known = sessions_.find(session);
    if (known != sessions_.end() && !known->second.ending) {
      known->second.deadline = world_.now() + known->second.timeout;
    }
  });
}

bool Quorum::lives(zk::SessionId session) const {
  if (!serving()) return tree_.has_session(session);
  const auto known = sessions_.find(session);
  return known != sessions_.end() && !known->second.ending;
}

void Quorum::expire_sessions() {
  if (serving()) {
    for (auto& [id, session] : sessions_) {
      if (session.ending || world_.now() < session.deadline) continue;
      if (on_expiry_) on_expiry_(id);
      end_later(id, session);
    }
  }
  world_.after(options_.tick + draw(options_.expiry_late), [this] { expire_sessions(); });
}

void Quorum::expire(zk::SessionId session) {
  const auto known = sessions_.find(session);
  if (!serving() || known == sessions_.end() || known->second.ending) return;
  end_later(session, known->second);
}

void Quorum::end_later(zk::SessionId id, Session& session) {
  session.ending = true;
  declared_over_.insert(id);
  // A new leader takes up the session with its whole timeout, as if this had not been.
  world_.after(draw(options_.removal_late), [this, id, epoch = epoch_] {
    if (epoch_ == epoch) end_session(id);
  });
}

void Quorum::end_session(zk::SessionId session) {
  B_CHECK(serving());
  if (!tree_.has_session(session)) return;
  zk::Request request;
  request.session = session;
  request.time = Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(world_.elapsed()).count());
  request.body = zk::CloseSession{};
  zk::Decision decision = tree_.decide(request);
  B_CHECK(tree_.apply(decision.transaction).has_value());
  append({std::move(decision.transaction), std::move(decision.result), 0, world_.now()});
}

void Quorum::set_up(std::size_t server, bool up) {
  members_[server].up = up;
  if (!up && leader_ == server) lose_leader();
  check_majority();
}

void Quorum::check_majority() {
  const auto running = static_cast<std::size_t>(std::ranges::count_if(members_, &Member::up));
  const bool majority = 2 * running > members_.size();
  if (!majority && serving()) lose_leader();
  if (!majority || serving() || electing_) return;
  electing_ = true;
  world_.after(draw(options_.election) + options_.channel, [this] { elect(); });
}

void Quorum::lose_leader() {
  leader_.reset();
  ++epoch_;
  touches_.clear();
  // Some of what was decided had reached the majority, though nobody knew.
  commit_up_to(committed_ + stream_.below(log_.size() - committed_ + 1));
  if (committed_ < log_.size()) {
    log_.resize(committed_);
    tree_ = zk::ZnodeTree();
    for (const LogEntry& entry : log_) B_CHECK(tree_.apply(entry.transaction).has_value());
  }
  for (Member& member : members_) {
    if (member.up) member.listener.leader_lost();
  }
}

void Quorum::elect() {
  electing_ = false;
  const auto running = static_cast<std::size_t>(std::ranges::count_if(members_, &Member::up));
  if (serving() || 2 * running <= members_.size()) return;
  do {
    leader_ = stream_.below(members_.size());
  } while (!members_[*leader_].up);
  // What a new leader knows of sessions is what the tree says.
  sessions_.clear();
  for (const auto& [id, session] : tree_.session_table()) {
    Session& known = sessions_[id];
    known.timeout = std::chrono::milliseconds(session.timeout_ms);
    known.deadline = world_.now() + known.timeout;
  }
  for (Member& member : members_) member.listener.committed();
}

}  // namespace barnabas::sim
