// Writes that are done once although their answer may get lost.
//
// The idioms of retrying and checking, written once. All work on any Client, within the session that they are started
// in: after Errc::closed they wait, catch up with the leader (sync), look at what is there, and then either know the
// outcome or try again. A later session does not go on with them, also where the Client goes on to one (SessionKeeper):
// what the former one left under way can still take effect, and who began it may have lost the right to it meanwhile.
//
// Errors: what the servers refused; session_expired (unknown, and that session is over); and closed (the outcome is
// unknown) when it cannot be told from what is there, when the client was closed, or when `patience` has passed.
#pragma once

#include <string>
#include <vector>

#include "core/env/clock.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::zookeeper {

struct Retry {
  env::Clock& clock;
  Duration pause = std::chrono::milliseconds(100);  // Before the next attempt.
  Duration patience = std::chrono::seconds(60);     // From the first attempt on; no further one is started after it.
};

// Makes an ephemeral znode of this session with this data. One that is there already is this session's own (the answer
// to an earlier attempt was lost) or somebody's: its owner tells, never its existence. The owner is looked at in any
// case, because the stat that is returned proves it (its czxid is the broker epoch).
// former: a session known to be this node's own and over, whose znode may not be removed yet; it is removed.
// already_exists: it belongs to another session, which the message names.
// (KAFKA-7165, ZOOKEEPER-2985.)
Task<Result<Stat>> create_or_own(Client& client, Retry retry, std::string path, Data data,
                                 SessionId former = kNoSession);

// Sets the data if the znode that was seen with this stat still has its version. Equal data at the next version count
// as done by this call. A znode made anew, whose versions begin anew, says nothing of an attempt without an answer.
Task<Result<Stat>> set_if(Client& client, Retry retry, std::string path, Data data, Stat seen);

// Removes the znode that was seen with this stat, if its version is still the same. Success also when it is gone.
// bad_version: its data was changed since.
Task<Result<void>> remove_if(Client& client, Retry retry, std::string path, Stat seen);

// A multi that leaves a trace, the first of: a set with a version, of the znode that was seen with the creation zxid
// `seen`; the creation of an ephemeral znode that is not sequential, which nobody else removes. There is read whether a
// multi without an answer was applied; its results then have no stats. invalid_argument without such an operation.
Task<Result<MultiResult>> multi_once(Client& client, Retry retry, std::vector<Op> operations, Zxid seen = Zxid(0));

}  // namespace barnabas::zookeeper
