// The broker's port to ZooKeeper: one session, asynchronous.
//
// Behind it stands the embedded server in this process, or a session on the wire to an ensemble
// (session_client/session_client.hpp).
//
// Every call ends in one of four ways, and callers that write must tell them apart (outcome_of):
//   done     a value.
//   refused  an error other than the two below; the tree is unchanged. not_found, already_exists, bad_version,
//            not_empty, invalid_argument (a bad path, or a child under an ephemeral znode), too_large,
//            permission_denied.
//   unknown  Errc::closed: the connection or the server went away after the request may have left. A write may
//            have been applied, or may still be. Read before writing again (recipes/write_once.hpp does); writes that
//            cannot be told apart after the fact (a sequential create) must not be blindly repeated.
//   over     Errc::session_expired: unknown, and the session is over. Its ephemeral znodes are gone, every later call
//            fails alike, and a new session is needed. Expiry is only ever what the server said.
//
// Calls take effect in the order in which they were started; a read sees every write that was answered before it was
// started, by any session of the embedded server, by the same session of an ensemble (there, sync() first to see the
// others'). A call whose waiter is destroyed goes on: a write that left may take effect.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/task.hpp"
#include "core/base/result.hpp"
#include "core/zookeeper/types.hpp"

namespace barnabas::zookeeper {

enum class Outcome : std::uint8_t { refused, unknown, over };

// What an error of a Client says of a write.
inline Outcome outcome_of(const Error& error) {
  if (error.code == Errc::closed) return Outcome::unknown;
  return error.code == Errc::session_expired ? Outcome::over : Outcome::refused;
}

struct WatchEvent {
  // session_over: the session ended before anything happened to the znode. The others by their numbers on the wire.
  enum class Type : std::uint8_t { session_over = 0, created = 1, deleted = 2, data_changed = 3, children_changed = 4 };
  Type type = Type::session_over;
  std::string path;  // As the caller named it.

  bool operator==(const WatchEvent&) const = default;
};

// A watch: told at most once that what a read returned is no longer so. It is set together with the read that it is
// given to, when that read is done (get and children: also only when the znode exists; exists: in any case); then it
// fires before any later answer of this session shows the change. It outlives the loss of a connection. A read that
// fails sets nothing. Whoever lets go of the last reference no longer waits for it.
class Watch {
 public:
  explicit Watch(Executor& executor) : fired_(executor) {}

  bool fired() const { return fired_.is_set(); }
  // Requires fired().
  const WatchEvent& event() const { return event_; }
  // Resumes once it has fired.
  auto wait() { return fired_.wait(); }

  // For implementations of Client. The first event counts.
  void fire(WatchEvent event) {
    if (fired()) return;
    event_ = std::move(event);
    fired_.set();
  }

 private:
  WatchEvent event_;
  barnabas::Event fired_;
};
using WatchPtr = std::shared_ptr<Watch>;

class Client {
 public:
  virtual ~Client() = default;

  virtual SessionId session() const = 0;
  // Set once the session is over, for whatever reason: expired, closed, refused by the servers for good.
  virtual barnabas::Event& over() = 0;

  // The path made. Parents must exist.
  virtual Task<Result<std::string>> create(std::string path, Data data, CreateMode mode) = 0;
  // watch: a new one, or none.
  virtual Task<Result<NodeData>> get(std::string path, WatchPtr watch = nullptr) = 0;
  // Empty when it does not exist; that is no error here.
  virtual Task<Result<std::optional<Stat>>> exists(std::string path, WatchPtr watch = nullptr) = 0;
  virtual Task<Result<Children>> children(std::string path, WatchPtr watch = nullptr) = 0;
  // bad_version unless the present version is expected_version (kAnyVersion: no matter). The new Stat.
  virtual Task<Result<Stat>> set(std::string path, Data data, std::int32_t expected_version) = 0;
  virtual Task<Result<void>> remove(std::string path, std::int32_t expected_version) = 0;
  // All or nothing, under one zxid; each operation sees what those before it did. A refusal by an operation
  // is a value here, because callers need to know which one it was: look at MultiResult::applied().
  virtual Task<Result<MultiResult>> multi(std::vector<Op> operations) = 0;
  // Later reads of this session see every write that any session had answered before this was started.
  virtual Task<Result<void>> sync(std::string path) = 0;

  // Ends the session: its ephemeral znodes are removed, in one zxid. Destroying a Client without it leaves
  // the session to expire.
  virtual Task<Result<void>> close() = 0;
};

}  // namespace barnabas::zookeeper
