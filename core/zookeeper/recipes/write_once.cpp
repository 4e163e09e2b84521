#include "core/zookeeper/recipes/write_once.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"

namespace barnabas::zookeeper {

namespace {

bool same(const Data& a, const Data& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || std::ranges::equal(a->view(), b->view());
}

// The session that a write was begun in, and whether there is another attempt after an error.
class Attempts {
 public:
  Attempts(Client& client, Retry retry)
      : client_(client), session_(client.session()), retry_(retry), end_(retry.clock.now() + retry.patience) {}

  SessionId session() const { return session_; }
  // A call that is started now, in the same turn, goes to that session.
  bool same_session() const { return client_.session() == session_; }
  // Why there is no further attempt. last: what the one before came to.
  std::unexpected<Error> end(Error last) const {
    if (same_session()) return std::unexpected(std::move(last));
    return fail(Errc::session_expired, "the ZooKeeper session is over in which this was begun: " + last.message);
  }
  std::unexpected<Error> end() const {
    return fail(Errc::session_expired, "the ZooKeeper session is over in which this was begun");
  }

  // Another one is due only if the outcome is unknown. Waits before it.
  Task<bool> again(Error error) {
    if (outcome_of(error) != Outcome::unknown) co_return false;
    co_return co_await again();
  }
  Task<bool> again() {
    if (!lives() || retry_.clock.now() >= end_) co_return false;
    co_await retry_.clock.sleep_for(retry_.pause);
    co_return lives();
  }

 private:
  bool lives() const { return !client_.over().is_set() && same_session(); }

  Client& client_;
  SessionId session_;
  Retry retry_;
  Instant end_;
};

std::unexpected<Error> undecided(const std::string& path) {
  return fail(Errc::closed, path +
                                ": the answer to a write was lost, and what is there does not tell whether it took "
                                "effect");
}

// The znode as it is after every write of this session that can still take effect.
Task<Result<std::optional<NodeData>>> settled(Client& client, std::string path) {
  B_CO_TRY_VOID(co_await client.sync(path));
  Result<NodeData> node = co_await client.get(path);
  if (node) co_return std::optional<NodeData>(std::move(*node));
  if (node.error().code == Errc::not_found) co_return std::optional<NodeData>();
  co_return std::unexpected(std::move(node).error());
}

enum class Trace : std::uint8_t { applied, not_applied, lost };

// What a conditional set left behind at the znode of that creation.
Trace trace_of(const std::optional<NodeData>& node, const Data& data, Zxid czxid, std::int32_t expected_version) {
  if (!node || node->stat.czxid != czxid) return Trace::lost;
  const std::int32_t version = node->stat.version;
  if (version == expected_version) return Trace::not_applied;
  if (version != expected_version + 1) return Trace::lost;
  return same(node->data, data) ? Trace::applied : Trace::not_applied;
}

// The operation that shows whether a multi was applied.
const Op* witness_of(const std::vector<Op>& operations, Zxid seen) {
  for (const Op& op : operations) {
    const auto* set = std::get_if<SetOp>(&op);
    if (set != nullptr && set->version != kAnyVersion && seen != Zxid(0)) return &op;
    if (const auto* create = std::get_if<CreateOp>(&op); create != nullptr && create->mode == CreateMode::ephemeral) {
      return &op;
    }
  }
  return nullptr;
}

Trace trace_of(const std::optional<NodeData>& node, const Op& witness, Zxid seen, SessionId session) {
  if (const auto* set = std::get_if<SetOp>(&witness)) return trace_of(node, set->data, seen, set->version);
  return node && node->stat.ephemeral_owner == session ? Trace::applied : Trace::not_applied;
}

MultiResult all_applied(const std::vector<Op>& operations) {
  MultiResult result;
  for (const Op& op : operations) result.results.emplace_back().path = path_of(op);
  return result;
}

}  // namespace

Task<Result<Stat>> create_or_own(Client& client, Retry retry, std::string path, Data data, SessionId former) {
  Attempts attempts(client, retry);
  while (attempts.same_session()) {
    const Result<std::string> created = co_await client.create(path, data, CreateMode::ephemeral);
    if (!created && created.error().code != Errc::already_exists) {
      if (co_await attempts.again(created.error())) continue;
      co_return attempts.end(created.error());
    }
    const Result<NodeData> node = co_await client.get(path);
    if (!node) {
      const bool gone = node.error().code == Errc::not_found;
      const bool again = gone ? co_await attempts.again() : co_await attempts.again(node.error());
      if (again) continue;
      co_return attempts.end(node.error());
    }
    if (BARNABAS_MUTANT(node_exists_is_success)) co_return node->stat;
    if (!attempts.same_session()) break;
    const SessionId owner = node->stat.ephemeral_owner;
    if (owner != attempts.session()) {
      if (former == kNoSession || owner != former) {
        co_return fail(Errc::already_exists, path + " belongs to another session, " + std::to_string(owner.value()));
      }
      const Result<void> removed = co_await client.remove(path, node->stat.version);
      if (removed) continue;
      if (co_await attempts.again()) continue;
      co_return attempts.end(removed.error());
    }
    if (same(node->data, data)) co_return node->stat;
    const Result<Stat> stat = co_await client.set(path, data, node->stat.version);
    if (stat) co_return *stat;
    if (!co_await attempts.again()) co_return attempts.end(stat.error());
  }
  co_return attempts.end();
}

Task<Result<Stat>> set_if(Client& client, Retry retry, std::string path, Data data, Stat seen) {
  Attempts attempts(client, retry);
  bool in_doubt = false;
  while (attempts.same_session()) {
    if (in_doubt) {
      const auto node = co_await settled(client, path);
      if (!node) {
        if (co_await attempts.again(node.error())) continue;
        co_return attempts.end(node.error());
      }
      if (!attempts.same_session()) break;
      const Trace trace = trace_of(*node, data, seen.czxid, seen.version);
      if (trace == Trace::applied) co_return (*node)->stat;
      if (trace == Trace::lost) co_return undecided(path);
    }
    Result<Stat> stat = co_await client.set(path, data, seen.version);
    if (stat || outcome_of(stat.error()) != Outcome::unknown) co_return stat;
    in_doubt = true;
    if (!co_await attempts.again()) co_return attempts.end(stat.error());
  }
  co_return attempts.end();
}

Task<Result<void>> remove_if(Client& client, Retry retry, std::string path, Stat seen) {
  Attempts attempts(client, retry);
  bool in_doubt = false;
  while (attempts.same_session()) {
    if (in_doubt) {
      const auto node = co_await settled(client, path);
      if (!node) {
        if (co_await attempts.again(node.error())) continue;
        co_return attempts.end(node.error());
      }
      if (!*node || (*node)->stat.czxid != seen.czxid) co_return Result<void>();
      if (!attempts.same_session()) break;
    }
    Result<void> removed = co_await client.remove(path, seen.version);
    if (!removed && removed.error().code == Errc::not_found) co_return Result<void>();
    if (removed || outcome_of(removed.error()) != Outcome::unknown) co_return removed;
    in_doubt = true;
    if (!co_await attempts.again()) co_return attempts.end(removed.error());
  }
  co_return attempts.end();
}

Task<Result<MultiResult>> multi_once(Client& client, Retry retry, std::vector<Op> operations, Zxid seen) {
  const Op* witness = witness_of(operations, seen);
  if (witness == nullptr) {
    co_return fail(Errc::invalid_argument, "a multi of which nothing would tell whether it was applied");
  }
  Attempts attempts(client, retry);
  bool in_doubt = false;
  while (attempts.same_session()) {
    if (in_doubt) {
      const auto node = co_await settled(client, path_of(*witness));
      if (!node) {
        if (co_await attempts.again(node.error())) continue;
        co_return attempts.end(node.error());
      }
      if (!attempts.same_session()) break;
      const Trace trace = trace_of(*node, *witness, seen, attempts.session());
      if (trace == Trace::applied) co_return all_applied(operations);
      if (trace == Trace::lost) co_return undecided(path_of(*witness));
    }
    Result<MultiResult> result = co_await client.multi(operations);
    if (result || outcome_of(result.error()) != Outcome::unknown) co_return result;
    in_doubt = true;
    if (!co_await attempts.again()) co_return attempts.end(result.error());
  }
  co_return attempts.end();
}

}  // namespace barnabas::zookeeper
