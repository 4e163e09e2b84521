#include "core/zookeeper/session_client/session_watches.hpp"

#include <algorithm>

namespace barnabas::zookeeper {

void SessionWatches::add(WatchKind kind, const std::string& server_path, const WatchPtr& watch) {
  if (size_ >= prune_at_) {
    prune();
    prune_at_ = std::max<std::size_t>(64, 2 * size_);
  }
  of(kind)[server_path].push_back(watch);
  ++size_;
}

void SessionWatches::on_event(const wire::WatcherEvent& event) {
  switch (event.type) {
    case wire::EventType::created:
    case wire::EventType::data_changed: {
      const bool created = event.type == wire::EventType::created;
      const auto type = created ? WatchEvent::Type::created : WatchEvent::Type::data_changed;
      fire(WatchKind::data, event.path, type);
      fire(WatchKind::exist, event.path, type);
      return;
    }
    case wire::EventType::deleted:
      fire(WatchKind::data, event.path, WatchEvent::Type::deleted);
      fire(WatchKind::exist, event.path, WatchEvent::Type::deleted);
      fire(WatchKind::child, event.path, WatchEvent::Type::deleted);
      return;
    case wire::EventType::children_changed:
      fire(WatchKind::child, event.path, WatchEvent::Type::children_changed);
      return;
    default: return;  // States of the session, and removals that this client does not ask for.
  }
}

void SessionWatches::end_all() {
  for (ByPath& watches : watches_) {
    for (auto& [path, list] : watches) {
      for (const auto& weak : list) {
        if (const WatchPtr watch = weak.lock()) watch->fire({WatchEvent::Type::session_over, client_path(path)});
      }
    }
    watches.clear();
  }
  size_ = 0;
}

void SessionWatches::fire(WatchKind kind, const std::string& server_path, WatchEvent::Type type) {
  const auto found = of(kind).find(server_path);
  if (found == of(kind).end()) return;
  const auto list = std::move(found->second);
  of(kind).erase(found);
  size_ -= list.size();
  for (const auto& weak : list) {
    if (const WatchPtr watch = weak.lock()) watch->fire({type, client_path(server_path)});
  }
}

void SessionWatches::prune() {
  for (ByPath& watches : watches_) {
    for (auto it = watches.begin(); it != watches.end();) {
      size_ -= std::erase_if(it->second, [](const auto& weak) { return weak.expired(); });
      it = it->second.empty() ? watches.erase(it) : std::next(it);
    }
  }
}

std::vector<wire::SetWatches> SessionWatches::rearm(Zxid last_seen, std::size_t limit) {
  prune();
  std::vector<wire::SetWatches> requests;
  std::size_t bytes = 0;
  const auto put = [&](WatchKind kind, const std::string& path) {
    if (requests.empty() || bytes + path.size() + sizeof(std::int32_t) > limit) {
      requests.emplace_back().relative_zxid = last_seen;
      bytes = 0;
    }
    wire::SetWatches& request = requests.back();
    (kind == WatchKind::data ? request.data : kind == WatchKind::exist ? request.exist : request.child).push_back(path);
    bytes += path.size() + sizeof(std::int32_t);
  };
  for (const WatchKind kind : {WatchKind::data, WatchKind::exist, WatchKind::child}) {
    for (const auto& [path, list] : of(kind)) put(kind, path);
  }
  return requests;
}

std::string SessionWatches::client_path(const std::string& server_path) const {
  if (!server_path.starts_with(chroot_)) return server_path;
  const std::string path = server_path.substr(chroot_.size());
  return path.empty() ? "/" : path;
}

}  // namespace barnabas::zookeeper
