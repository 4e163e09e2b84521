#include "tests/zookeeper/session_history.hpp"

#include <algorithm>

#include "core/zookeeper/path.hpp"

namespace barnabas::zookeeper {

namespace {

using sim::LogEntry;

// A znode between two changes.
struct Version {
  std::size_t from = 0;  // Number of entries applied when it began.
  bool exists = false;
  std::string tag;
  Zxid czxid, mzxid, pzxid;
  std::int32_t version = 0;
  SessionId owner;
  std::set<std::string> children;
};

std::string text_of(const Data& data) { return data ? std::string(as_text(data->view())) : std::string(); }

// Where a tag was written.
struct Applied {
  std::size_t entry = 0;
  std::string path;
  std::int32_t version_before = -1;  // Of a set.
  SessionId owner;
};

class Replay {
 public:
  explicit Replay(const std::vector<LogEntry>& log) : log_(log) {
    change("/", 0).exists = true;
    for (std::size_t i = 0; i < log.size(); ++i) apply(i);
  }

  const std::vector<Version>& history(const std::string& path) const {
    static const std::vector<Version> nothing(1);
    const auto found = paths_.find(path);
    return found == paths_.end() ? nothing : found->second;
  }
  const std::map<std::string, std::vector<Version>>& paths() const { return paths_; }
  std::vector<Applied> applied(const std::string& tag) const {
    const auto found = tags_.find(tag);
    return found == tags_.end() ? std::vector<Applied>() : found->second;
  }
  // Removals of a path: the entry, who did it, and which znode it was.
  struct Removal {
    std::size_t entry;
    SessionId by;
    Zxid czxid;
    std::int32_t version;
  };
  std::vector<Removal> removals(const std::string& path) const {
    const auto found = removals_.find(path);
    return found == removals_.end() ? std::vector<Removal>() : found->second;
  }
  Instant decided(std::size_t entry) const { return log_[entry].decided; }
  std::size_t size() const { return log_.size(); }
  // How many entries had been decided by then.
  std::size_t decided_by(Instant when) const {
    const auto end = std::ranges::upper_bound(log_, when, {}, &LogEntry::decided);
    return static_cast<std::size_t>(end - log_.begin());
  }

 private:
  // A copy of the last version of the path, to be changed by this entry.
  Version& change(const std::string& path, std::size_t count) {
    auto& versions = paths_.try_emplace(path, std::vector<Version>(1)).first->second;
    if (versions.back().from != count) {
      versions.push_back(versions.back());
      versions.back().from = count;
    }
    return versions.back();
  }
  void apply(std::size_t i) {
    const Transaction& transaction = log_[i].transaction;
    for (const Change& any : transaction.changes) {
      if (const auto* create = std::get_if<CreateChange>(&any)) {
        Version& node = change(create->path, i + 1);
        node = {i + 1,
                true,
                text_of(create->data),
                transaction.zxid,
                transaction.zxid,
                transaction.zxid,
                0,
                create->ephemeral_owner,
                {}};
        if (!node.tag.empty()) tags_[node.tag].push_back({i, create->path, -1, create->ephemeral_owner});
        Version& parent = change(std::string(parent_of(create->path)), i + 1);
        parent.children.emplace(name_of_path(create->path));
        parent.pzxid = transaction.zxid;
      } else if (const auto* set = std::get_if<SetChange>(&any)) {
        Version& node = change(set->path, i + 1);
        node.tag = text_of(set->data);
        if (!node.tag.empty()) tags_[node.tag].push_back({i, set->path, node.version, node.owner});
        node.mzxid = transaction.zxid;
        ++node.version;
      } else if (const auto* remove = std::get_if<RemoveChange>(&any)) {
        Version& node = change(remove->path, i + 1);
        removals_[remove->path].push_back({i, transaction.session, node.czxid, node.version});
        node = {};
        node.from = i + 1;
        Version& parent = change(std::string(parent_of(remove->path)), i + 1);
        parent.children.erase(std::string(name_of_path(remove->path)));
        parent.pzxid = transaction.zxid;
      }
    }
  }

  const std::vector<LogEntry>& log_;
  std::map<std::string, std::vector<Version>> paths_;
  std::map<std::string, std::vector<Applied>> tags_;
  std::map<std::string, std::vector<Removal>> removals_;
};

class Check {
 public:
  Check(const SessionHistory& history, const sim::Quorum& quorum)
      : history_(history), replay_(quorum.log()), broken_(history.broken) {}

  std::vector<std::string> run() {
    for (const WriteRecord& write : history_.writes) check_write(write);
    check_reads();
    check_watches();
    check_sessions();
    for (const CacheRecord& cache : history_.caches) check_cache(cache);
    return std::move(broken_);
  }

 private:
  void say(std::string line) {
    if (broken_.size() < 20) broken_.push_back(std::move(line));
  }
  static std::string name(const WriteRecord& write) {
    static constexpr const char* kNames[] = {"create ", "set ", "remove ", "register "};
    return kNames[static_cast<int>(write.kind)] + write.path + " " + write.tag;
  }

  void check_write(const WriteRecord& write) {
    if (write.kind == WriteRecord::Kind::remove) return check_remove(write);
    const auto applied = replay_.applied(write.tag);
    const bool done = write.end == WriteRecord::End::done;
    const std::size_t most = write.end == WriteRecord::End::refused ? 0 : 1;
    if (applied.size() > most || (done && applied.empty())) {
      say("done_once: " + name(write) + " ended as " + std::to_string(static_cast<int>(write.end)) + ", took effect " +
          std::to_string(applied.size()) + " times");
    }
    for (const Applied& one : applied) {
      const Instant when = replay_.decided(one.entry);
      if (when < write.begin || (done && when > write.finish))
        say("done_once: " + name(write) + " outside of its call");
      if (write.kind == WriteRecord::Kind::set && write.version != kAnyVersion && one.version_before != write.version) {
        say("conditions_hold: " + name(write) + " on another version");
      }
    }
    if (write.end == WriteRecord::End::refused) check_refusal(write);
    if (write.kind == WriteRecord::Kind::own && done) check_registration(write);
  }

  void check_remove(const WriteRecord& write) {
    std::size_t own = 0;
    bool gone = false;
    for (const auto& removal : replay_.removals(write.path)) {
      const Instant when = replay_.decided(removal.entry);
      if (write.czxid != Zxid(0) && removal.czxid == write.czxid && when <= write.finish) gone = true;
      if (removal.by == write.session && when >= write.begin && when <= write.finish) ++own;
    }
    if (write.end == WriteRecord::End::done && write.czxid == Zxid(0) && own == 0) {
      say("done_once: " + name(write) + " was told done and did nothing");
    }
    if (write.end == WriteRecord::End::done && write.czxid != Zxid(0) && !gone) {
      say("done_once: " + name(write) + " was told done, and the znode is still there");
    }
    if (write.end == WriteRecord::End::refused) check_refusal(write);
  }

  // Whether the refusal was right at some moment of the call.
  void check_refusal(const WriteRecord& write) {
    const std::size_t low = replay_.decided_by(write.begin);
    const std::size_t high = replay_.decided_by(write.finish);
    const auto& versions = replay_.history(write.path);
    for (std::size_t k = 0; k < versions.size(); ++k) {
      const std::size_t to = k + 1 < versions.size() ? versions[k + 1].from : replay_.size() + 1;
      if (versions[k].from > high || to <= low) continue;
      if (justified(write, versions[k])) return;
    }
    say("conditions_hold: " + name(write) + " was refused without reason: " + std::string(name_of(write.refusal)));
  }
  static bool justified(const WriteRecord& write, const Version& node) {
    switch (write.refusal) {
      case Errc::already_exists:
        return node.exists && (write.kind != WriteRecord::Kind::own || node.owner != write.session);
      case Errc::not_found: return !node.exists;
      case Errc::bad_version: return node.exists && node.version != write.version;
      case Errc::not_empty: return node.exists && !node.children.empty();
      default: return false;
    }
  }

  void check_registration(const WriteRecord& write) {
    const std::size_t low = replay_.decided_by(write.begin);
    const std::size_t high = replay_.decided_by(write.finish);
    const auto& versions = replay_.history(write.path);
    for (std::size_t k = 0; k < versions.size(); ++k) {
      const std::size_t to = k + 1 < versions.size() ? versions[k + 1].from : replay_.size() + 1;
      if (versions[k].from > high || to <= low) continue;
      if (versions[k].exists && versions[k].owner == write.session && versions[k].czxid == write.result) return;
    }
    say("own_registration: " + name(write) + " did not belong to the session that was told so");
  }

  // Which versions of its path a read may have seen: [from, to) in numbers of entries.
  struct Interval {
    std::size_t from, to;
  };
  std::vector<Interval> intervals(const ReadRecord& read) const {
    std::vector<Interval> found;
    const auto& versions = replay_.history(read.path);
    for (std::size_t k = 0; k < versions.size(); ++k) {
      const Version& node = versions[k];
      if (node.exists != read.stat.has_value()) continue;
      if (read.stat) {
        if (node.czxid != read.stat->czxid || node.mzxid != read.stat->mzxid || node.pzxid != read.stat->pzxid)
          continue;
        if (node.version != read.stat->version || node.owner != read.stat->ephemeral_owner) continue;
        if (static_cast<std::size_t>(read.stat->num_children) != node.children.size()) continue;
        if (read.kind == ReadRecord::Kind::get && node.tag != read.tag) continue;
        if (read.kind == ReadRecord::Kind::children && node.children != read.names) continue;
      }
      found.push_back({node.from, k + 1 < versions.size() ? versions[k + 1].from : replay_.size() + 1});
    }
    return found;
  }

  // What a session has proved to have seen, by when.
  struct Seen {
    Instant finish;
    Instant begin;
    std::size_t at_least = 0;
    const ReadRecord* read = nullptr;
  };
  void check_reads() {
    std::map<SessionId, std::vector<Seen>> sessions;
    for (const ReadRecord& read : history_.reads) {
      if (read.done) sessions[read.session].push_back({read.finish, read.begin, 0, &read});
    }
    for (const SyncRecord& sync : history_.syncs) {
      if (sync.done) sessions[sync.session].push_back({sync.finish, sync.begin, sync.committed, nullptr});
    }
    for (const WriteRecord& write : history_.writes) {
      if (write.end != WriteRecord::End::done || write.tag.empty()) continue;
      const auto applied = replay_.applied(write.tag);
      if (!applied.empty()) {
        sessions[write.session].push_back({write.finish, write.begin, applied.front().entry + 1, nullptr});
      }
    }
    for (auto& [session, seen] : sessions) {
      std::ranges::sort(seen, {}, &Seen::finish);
      check_order(seen);
    }
  }
  void check_order(std::vector<Seen>& seen) {
    std::vector<std::size_t> most(seen.size() + 1, 0);  // Of the first n.
    for (std::size_t n = 0; n < seen.size(); ++n) {
      const auto before = std::ranges::lower_bound(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(n),
                                                   seen[n].begin, {}, &Seen::finish);
      std::size_t low = most[static_cast<std::size_t>(before - seen.begin())];
      if (seen[n].read != nullptr) {
        low = place(*seen[n].read, low);
      } else {
        low = std::max(low, seen[n].at_least);
      }
      most[n + 1] = std::max(most[n], low);
    }
  }
  // The earliest point at which the read can have happened, not before `low`.
  std::size_t place(const ReadRecord& read, std::size_t low) {
    const auto possible = intervals(read);
    for (const Interval& interval : possible) {
      if (interval.to <= low) continue;
      const std::size_t at = std::max(low, interval.from);
      if (at > replay_.decided_by(read.finish)) break;
      return at;
    }
    say("reads_in_order: a read of " + read.path + (possible.empty() ? " saw what never was" : " went back"));
    return low;
  }

  void check_watches() {
    for (const ReadRecord& read : history_.reads) {
      if (!read.done || read.watch == nullptr) continue;
      if (!read.stat && read.kind != ReadRecord::Kind::exists) continue;  // Sets none.
      const Version& last = replay_.history(read.path).back();
      const bool same = read.stat ? last.exists && last.czxid == read.stat->czxid &&
                                        (read.kind == ReadRecord::Kind::children ? last.pzxid == read.stat->pzxid
                                                                                 : last.mzxid == read.stat->mzxid)
                                  : !last.exists;
      const bool fired = read.watch->fired();
      if (!fired && !same && history_.living.contains(read.session)) {
        say("no_missed_watch: " + read.path + " has changed, and the watch of a living session has not fired");
      }
      if (fired && same && read.stat && read.watch->event().type != WatchEvent::Type::session_over) {
        say("no_false_watch: the watch of " + read.path + " has fired, and nothing has changed");
      }
    }
  }

  void check_sessions() {
    for (const auto& [session, path] : history_.living) {
      const Version& last = replay_.history(path).back();
      if (path.empty()) continue;
      if (!last.exists || last.owner != session) say("own_registration: " + path + " is not its living session's");
    }
    for (const auto& [path, versions] : replay_.paths()) {
      const Version& last = versions.back();
      if (last.exists && last.owner != kNoSession && !history_.living.contains(last.owner)) {
        say("own_registration: " + path + " is still there, and its session is over");
      }
    }
  }

  void check_cache(const CacheRecord& cache) {
    const Version& last = replay_.history(cache.path).back();
    bool same = cache.stat.has_value() == last.exists;
    if (same && last.exists) {
      same = cache.stat->czxid == last.czxid &&
             (cache.of_children ? cache.stat->pzxid == last.pzxid : cache.stat->mzxid == last.mzxid);
    }
    if (!same) say("caches_current: what is kept of " + cache.path + " is out of date");
  }

  const SessionHistory& history_;
  Replay replay_;
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> SessionHistory::check(const sim::Quorum& quorum) const { return Check(*this, quorum).run(); }

}  // namespace barnabas::zookeeper
