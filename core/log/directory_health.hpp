// What the logs of one data directory know together of their disk: whether it failed, and when it was last said
// that it is full.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/env/env.hpp"

namespace barnabas::log {

// Shared by the logs of one data directory: one failing disk stops them all (S8).
struct DirectoryHealth {
  bool failed = false;  // For good: until the next start.
  std::string reason;
  std::string data_dir;  // log.dirs, for people; empty when there is only one log.
  std::optional<Instant> warned_full;
};

// At most one warning in this time says that the disk of a directory is full.
inline constexpr Duration kFullDiskWarningInterval = 10s;

// Says that something was refused for want of room, and what to do, unless that was said a moment ago.
void warn_of_full_disk(DirectoryHealth& health, const env::Env& env, const std::string& component,
                       const std::string& what);

// The disk refused before anything changed: it is full (no_space), or the limit of open files or of a file's size is
// reached (too_large). It may be tried again.
inline bool wants_room(const Error& error) { return error.code == Errc::no_space || error.code == Errc::too_large; }

}  // namespace barnabas::log
