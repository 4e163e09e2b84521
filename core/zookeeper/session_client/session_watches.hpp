// The watches of one session, by the paths that the servers know.
//
// Servers keep watches per connection, clients per session: a new connection arms them again with set_watches, which
// says up to which zxid this session has seen the tree. The server tells at once what changed since.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/zookeeper/client.hpp"
#include "core/zookeeper/wire/records.hpp"

namespace barnabas::zookeeper {

// data: set by get, and by exists on a znode that exists. exist: by exists on one that does not. child: by children.
enum class WatchKind : std::uint8_t { data = 0, exist = 1, child = 2 };

class SessionWatches {
 public:
  // chroot: is taken off the paths in events.
  explicit SessionWatches(std::string chroot) : chroot_(std::move(chroot)) {}

  // Forgets it once nobody else refers to it.
  void add(WatchKind kind, const std::string& server_path, const WatchPtr& watch);

  // Fires, and removes, the watches that this event ends.
  void on_event(const wire::WatcherEvent& event);
  // Fires them all: the session is over.
  void end_all();

  // Arms everything on a new connection: set_watches requests, none longer than about `limit` bytes unless a single
  // path is. All of them have the same relative zxid.
  std::vector<wire::SetWatches> rearm(Zxid last_seen, std::size_t limit);

  std::size_t size() const { return size_; }

 private:
  using ByPath = std::map<std::string, std::vector<std::weak_ptr<Watch>>, std::less<>>;

  ByPath& of(WatchKind kind) { return watches_[static_cast<std::size_t>(kind)]; }
  void fire(WatchKind kind, const std::string& server_path, WatchEvent::Type type);
  void prune();
  std::string client_path(const std::string& server_path) const;

  std::string chroot_;
  ByPath watches_[3];
  std::size_t size_ = 0;
  std::size_t prune_at_ = 64;
};

}  // namespace barnabas::zookeeper
