// What a znode holds, or which children it has, kept up to date.
//
// Every read sets the watch that tells when to read again, so no change falls between the two. What is shown may lag
// behind the servers, never skips back, and is the newest once everything has settled (Z4). One-shot watches do not
// tell of every value: those between two reads are not seen. On a SessionKeeper it goes on from one session to the
// next, and shows in between what it knew last.
#pragma once

#include <optional>
#include <string>

#include "core/async/scope.hpp"
#include "core/env/env.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::zookeeper {

// T: NodeData or Children. The client must outlive it.
template <class T>
class Current {
 public:
  // Begins to read at once, and ends when the client is over.
  Current(env::Env env, Client& client, std::string path);

  // False until the first read.
  bool known() const { return known_; }
  // Nothing when the znode does not exist. Requires known().
  const std::optional<T>& value() const { return value_; }
  // Resumes at every change of known() or value().
  auto changed() { return changed_.wait(); }

 private:
  Task<void> run();
  // One read, and the watch that tells when it is out of date. Nothing: it failed, read again.
  Task<WatchPtr> refresh();
  void show(std::optional<T> value);

  env::Env env_;
  Client& client_;
  std::string path_;
  bool known_ = false;
  std::optional<T> value_;
  Notification changed_;
  Scope scope_;  // Last: its task uses the rest.
};

using CurrentNode = Current<NodeData>;
using CurrentChildren = Current<Children>;

}  // namespace barnabas::zookeeper
