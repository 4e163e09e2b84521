// The broker's port to ZooKeeper: one session, asynchronous.
//
// Behind it stands the embedded server in this process, or a session on the wire to an ensemble.
//
// Every call ends in one of three ways, and callers that write must tell them apart:
//   done     a value.
//   refused  an error other than the two below; the tree is unchanged. not_found, already_exists,
//   bad_version,
//            not_empty, invalid_argument (a bad path, or a child under an ephemeral znode), too_large,
//            permission_denied.
//   unknown  Errc::closed: the connection or the server went away after the request may have left. A write
//   may
//            have been applied, or may still be. Read before writing again; writes that cannot be told apart
//            after the fact (a sequential create) must not be blindly repeated.
//   unknown, and the session is over: Errc::session_expired. Its ephemeral znodes are gone, every later call
//            fails alike, and a new session is needed. Expiry is only ever what the server said.
//
// Calls take effect in the order in which they were started; a read sees every write that was answered before
// it was started, by any session of the embedded server, by the same session of an ensemble.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/async/task.hpp"
#include "core/base/result.hpp"
#include "core/zookeeper/types.hpp"

namespace barnabas::zookeeper {

class Client {
 public:
  virtual ~Client() = default;

  virtual SessionId session() const = 0;

  // The path made. Parents must exist.
  virtual Task<Result<std::string>> create(std::string path, Data data, CreateMode mode) = 0;
  virtual Task<Result<NodeData>> get(std::string path) = 0;
  // Empty when it does not exist; that is no error here.
  virtual Task<Result<std::optional<Stat>>> exists(std::string path) = 0;
  virtual Task<Result<Children>> children(std::string path) = 0;
  // bad_version unless the present version is expected_version (kAnyVersion: no matter). The new Stat.
  virtual Task<Result<Stat>> set(std::string path, Data data, std::int32_t expected_version) = 0;
  virtual Task<Result<void>> remove(std::string path, std::int32_t expected_version) = 0;
  // All or nothing, under one zxid; each operation sees what those before it did. A refusal by an operation
  // is a value here, because callers need to know which one it was: look at MultiResult::applied().
  virtual Task<Result<MultiResult>> multi(std::vector<Op> operations) = 0;

  // Ends the session: its ephemeral znodes are removed, in one zxid. Destroying a Client without it leaves
  // the session to expire.
  virtual Task<Result<void>> close() = 0;
};

}  // namespace barnabas::zookeeper
