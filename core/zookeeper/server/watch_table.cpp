#include "core/zookeeper/server/watch_table.hpp"

#include <algorithm>

#include "core/zookeeper/path.hpp"

namespace barnabas::zookeeper {

namespace {

// The nodes of the maps besides the path itself, about.
constexpr std::size_t kWatchOverhead = 200;

std::size_t cost(std::string_view path) { return path.size() + kWatchOverhead; }

// Which kinds at the znode itself an event fires; without the recursive ones.
WatchMask fired_by(Event::Type type) {
  switch (type) {
    case Event::Type::created:
    case Event::Type::data_changed: return kDataWatch | kPersistentWatch;
    case Event::Type::deleted: return kDataWatch | kChildWatch | kPersistentWatch;
    case Event::Type::children_changed: return kChildWatch | kPersistentWatch;
  }
  return 0;
}

}  // namespace

void WatchTable::add(ConnectionId connection, std::string_view path, WatchMask kind) {
  auto at = by_path_.find(path);
  if (at == by_path_.end()) at = by_path_.emplace(std::string(path), Watchers()).first;
  WatchMask& mask = at->second[connection];
  if (mask == 0) {
    Held& held = by_connection_[connection];
    held.paths.insert(at->first);
    held.bytes += cost(path);
    bytes_ += cost(path);
    ++size_;
  }
  if ((kind & ~mask & kRecursiveWatch) != 0) ++recursive_;
  mask |= kind;
}

bool WatchTable::has(ConnectionId connection, std::string_view path, WatchMask kinds) const {
  const auto at = by_path_.find(path);
  if (at == by_path_.end()) return false;
  const auto watcher = at->second.find(connection);
  return watcher != at->second.end() && (watcher->second & kinds) != 0;
}

bool WatchTable::remove(ConnectionId connection, std::string_view path, WatchMask kinds) {
  if (!has(connection, path, kinds)) return false;
  const auto at = by_path_.find(path);
  clear(at, at->second.find(connection), kinds);
  return true;
}

void WatchTable::drop(ConnectionId connection) {
  while (true) {
    const auto held = by_connection_.find(connection);
    if (held == by_connection_.end()) return;
    const auto at = by_path_.find(*held->second.paths.begin());
    clear(at, at->second.find(connection), kAnyWatch);
  }
}

std::vector<ConnectionId> WatchTable::fire(const Event& event) {
  std::vector<ConnectionId> told;
  const WatchMask kinds = fired_by(event.type);
  if (const auto at = by_path_.find(event.path); at != by_path_.end()) {
    for (const auto& [connection, mask] : at->second) {
      if ((mask & kinds) != 0) told.push_back(connection);
    }
    // Clearing the last watcher takes the path's entry along, and that is the last turn of the loop.
    for (const ConnectionId connection : told) {
      clear(at, at->second.find(connection), kinds & (kDataWatch | kChildWatch));
    }
  }
  if (recursive_ == 0 || event.type == Event::Type::children_changed) return told;
  for (std::string_view path = event.path;; path = parent_of(path)) {
    if (const auto at = by_path_.find(path); at != by_path_.end()) {
      for (const auto& [connection, mask] : at->second) {
        if ((mask & kRecursiveWatch) != 0) told.push_back(connection);
      }
    }
    if (path == "/") break;
  }
  std::ranges::sort(told);
  told.erase(std::ranges::unique(told).begin(), told.end());
  return told;
}

std::size_t WatchTable::bytes_of(ConnectionId connection) const {
  const auto held = by_connection_.find(connection);
  return held == by_connection_.end() ? 0 : held->second.bytes;
}

void WatchTable::clear(ByPath::iterator at, Watchers::iterator watcher, WatchMask kinds) {
  if ((watcher->second & kinds & kRecursiveWatch) != 0) --recursive_;
  watcher->second &= ~kinds;
  if (watcher->second != 0) return;
  const auto held = by_connection_.find(watcher->first);
  held->second.paths.erase(at->first);
  held->second.bytes -= cost(at->first);
  bytes_ -= cost(at->first);
  --size_;
  if (held->second.paths.empty()) by_connection_.erase(held);
  at->second.erase(watcher);
  if (at->second.empty()) by_path_.erase(at);
}

}  // namespace barnabas::zookeeper
