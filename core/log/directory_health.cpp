#include "core/log/directory_health.hpp"

namespace barnabas::log {

void warn_of_full_disk(DirectoryHealth& health, const env::Env& env, const std::string& component,
                       const std::string& what) {
  const Instant now = env.clock.now();
  if (health.warned_full && now - *health.warned_full < kFullDiskWarningInterval) return;
  health.warned_full = now;
  const std::string where = health.data_dir.empty() ? "" : "=" + health.data_dir;
  env.logger.log(env::LogLevel::warn, component,
                 "log.dirs" + where + " has no room, writes are refused: " + what +
                     "; free some space on that disk, or delete topics or lower their retention.ms; no restart is "
                     "needed");
}

}  // namespace barnabas::log
