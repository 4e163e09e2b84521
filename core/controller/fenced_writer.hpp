// Writes of one term: fenced by the version of /controller_epoch, within the session that won the election, and with a
// known outcome even when an answer is lost.
//
// The one place that repeats a controller's write. After Errc::closed it catches up with the leader (sync), looks at
// what is there, and then knows or tries again; an attempt that came through is never taken for somebody else's write
// (KAFKA-1382). Once the fence refuses, or the session is over, so is the term.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/env/env.hpp"
#include "core/metadata/topic_store.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::controller {

struct WriteOutcome {
  // The operation that was refused (an index of those given, without the fence) and why; nothing: all were applied.
  std::optional<std::size_t> refused;
  Errc code = Errc::bad_version;

  bool applied() const { return !refused; }
};

class FencedWriter {
 public:
  // over: asked before each attempt. ended: called once it turns out that the term is over.
  FencedWriter(env::Env env, zookeeper::Client& client, metadata::Controllership term, std::function<bool()> over,
               std::function<void(std::string why)> ended);

  // All or nothing. Errors: session_expired: the term is over, and it is not known whether it was written. Otherwise
  // the client's own, for what cannot be written at all (too_large).
  Task<Result<WriteOutcome>> write(std::vector<zookeeper::Op> operations);

  // Reads are repeated until they are answered; errors as above, and not_found.
  Task<Result<zookeeper::NodeData>> read(std::string path);
  Task<Result<zookeeper::Children>> children(std::string path);

 private:
  enum class Trace : std::uint8_t { applied, not_applied, refused };

  bool over() const;
  std::unexpected<Error> end(std::string why);
  Task<Result<Trace>> look(const zookeeper::Op& witness, Errc& refusal);
  Task<Result<WriteOutcome>> outcome_of(const zookeeper::MultiResult& result);

  env::Env env_;
  zookeeper::Client& client_;
  metadata::Controllership term_;
  zookeeper::SessionId session_;
  std::function<bool()> over_;
  std::function<void(std::string)> ended_;
};

}  // namespace barnabas::controller
