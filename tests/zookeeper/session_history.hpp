// What the clients of a simulated ensemble were told, and whether it fits the order of writes.
//
// The checker shares no decision with the znode tree: it replays the committed changes into a plain map and looks at
// what each client was told. Guarantees, by name:
//   done_once          a write that was told done took effect exactly once, between its beginning and its end; one that
//   was
//                      refused not at all; any other at most once.
//   conditions_hold    a conditional write took effect on the version that it named; a refusal was right at some moment
//                      of the call.
//   reads_in_order     a session's reads never go back, show its own writes, and after a sync all that was committed.
//   watch_first        when a session is shown a change that one of its watches waits for, the watch has fired.
//   no_missed_watch    when everything has settled, a watch that has not fired has nothing to tell.
//   no_false_watch     a watch that has fired had something to tell.
//   expiry_is_told     a session is over as expired only when the servers have ended it (Z1).
//   own_registration   who was told that a znode is registered for its session owned it then, and does when all has
//                      settled, if the session lives (Z1, Z2). Ephemerals of sessions that are over are gone.
//   caches_current     what is kept up to date by watches is the tree when everything has settled (Z4).
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/zookeeper/client.hpp"
#include "sim/zookeeper/ensemble.hpp"

namespace barnabas::zookeeper {

struct WriteRecord {
  enum class Kind : std::uint8_t { create, set, remove, own };
  enum class End : std::uint8_t { pending, done, refused, unknown };

  Kind kind = Kind::create;
  SessionId session;
  std::string path;                    // As the servers know it. Of a sequential one, the prefix.
  std::string tag;                     // The data, which nobody else writes. Empty for a remove.
  std::int32_t version = kAnyVersion;  // Asked for.
  Zxid czxid;                          // Of the znode to be removed, if only that one may be; else 0.
  Instant begin{};
  Instant finish{};
  End end = End::pending;
  Errc refusal{};
  Zxid result{};  // own: the czxid that was told.
};

struct ReadRecord {
  enum class Kind : std::uint8_t { get, exists, children };

  Kind kind = Kind::get;
  SessionId session;
  std::string path;
  Instant begin{};
  Instant finish{};
  bool done = false;
  std::optional<Stat> stat;     // Nothing: it does not exist.
  std::string tag;              // get
  std::set<std::string> names;  // children
  WatchPtr watch;               // Set by it, or none.
};

struct SyncRecord {
  SessionId session;
  Instant begin{};
  Instant finish{};
  bool done = false;
  std::size_t committed = 0;  // At its beginning.
};

// Something kept up to date, as it was when everything had settled.
struct CacheRecord {
  std::string path;
  bool of_children = false;
  std::optional<Stat> stat;
};

class SessionHistory {
 public:
  std::deque<WriteRecord> writes;
  std::deque<ReadRecord> reads;
  std::deque<SyncRecord> syncs;
  // Filled in when everything has settled.
  std::vector<CacheRecord> caches;
  std::map<SessionId, std::string> living;  // With the path of its registration.
  std::vector<std::string> broken;          // Violations that were seen at once.

  // Everything that does not fit; empty when all is well.
  std::vector<std::string> check(const sim::Quorum& quorum) const;
};

}  // namespace barnabas::zookeeper
