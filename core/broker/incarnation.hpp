// Which life of its logs a broker is in: a number that stays when only the process died, and changes when the logs may
// have lost their tail (controller/partition_rules.hpp says what follows from it).
//
// It is kept in every data directory, in `barnabas.incarnation`: {"version":1,"incarnation":"<decimal>","boot_id":"…"}.
// It goes on after a clean stop, and after a kill on a machine that was not booted since, whose page cache is whole. A
// directory that is new, was emptied, is out of service, or tells another number, makes a new one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/async/task.hpp"
#include "core/base/result.hpp"
#include "core/env/env.hpp"
#include "core/log/log_manager.hpp"

namespace barnabas::broker {

inline constexpr const char* kIncarnationFile = "barnabas.incarnation";

// The incarnation from now on, never 0; durable in every directory that is in service when this returns. Before the
// broker registers. clean: the last stop was a clean one, in all directories. Errors: those of the disk, when no
// directory takes it.
Task<Result<std::uint64_t>> settle_incarnation(env::Env env, std::vector<log::DirectoryStatus> directories, bool clean);

}  // namespace barnabas::broker
