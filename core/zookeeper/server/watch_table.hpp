// The watches of the connections of one server.
//
// As in ZooKeeper 3.8: a data watch is told of the creation, change and removal of its znode, a child watch of its
// removal and of a child that came or went; both go when they fire. A persistent watch is told of all of that and
// stays; a recursive one is told of the creation, change and removal of its znode and all below it. A connection is
// told of one event once, however many of its watches it fires. Whether it may be told is for the caller to know
// (Event::acl).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/strong.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {

// A client of one server: a socket, or a session in the server's own process. Never used twice.
using ConnectionId = Strong<struct ConnectionTag, std::uint64_t>;

using WatchMask = unsigned;
inline constexpr WatchMask kDataWatch = 1;
inline constexpr WatchMask kChildWatch = 2;
inline constexpr WatchMask kPersistentWatch = 4;
inline constexpr WatchMask kRecursiveWatch = 8;
inline constexpr WatchMask kAnyWatch = 15;

class WatchTable {
 public:
  void add(ConnectionId connection, std::string_view path, WatchMask kind);
  // Whether the connection has one of these kinds there.
  bool has(ConnectionId connection, std::string_view path, WatchMask kinds) const;
  // False when it had none of them.
  bool remove(ConnectionId connection, std::string_view path, WatchMask kinds);
  // All watches of the connection.
  void drop(ConnectionId connection);

  // Whom to tell of this event, in the order of their ids. Watches that fire once are gone then.
  std::vector<ConnectionId> fire(const Event& event);

  std::size_t connections() const { return by_connection_.size(); }
  std::size_t paths() const { return by_path_.size(); }
  // Pairs of a connection and a path.
  std::size_t size() const { return size_; }
  // What all of them cost, and those of one connection, about.
  std::size_t bytes() const { return bytes_; }
  std::size_t bytes_of(ConnectionId connection) const;
  const std::map<std::string, std::map<ConnectionId, WatchMask>, std::less<>>& by_path() const { return by_path_; }

 private:
  using Watchers = std::map<ConnectionId, WatchMask>;
  using ByPath = std::map<std::string, Watchers, std::less<>>;
  struct Held {
    std::set<std::string_view> paths;  // Keys of by_path_.
    std::size_t bytes = 0;
  };

  void clear(ByPath::iterator at, Watchers::iterator watcher, WatchMask kinds);

  ByPath by_path_;
  std::map<ConnectionId, Held> by_connection_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::size_t recursive_ = 0;
};

}  // namespace barnabas::zookeeper
