#include "core/broker/log_cleaning.hpp"

#include <algorithm>

namespace barnabas::broker {

log::LogCleanerOptions log_cleaner_options(const metadata::Config& config) {
  namespace keys = metadata::keys;
  constexpr std::int64_t kLongestMs = 1'000'000'000'000;  // Some thirty years; more would overflow a duration.
  log::LogCleanerOptions options;
  options.enable = config.get(keys::log_cleaner_enable);
  options.threads = config.get(keys::log_cleaner_threads);
  options.dedupe_buffer_size = static_cast<std::size_t>(config.get(keys::log_cleaner_dedupe_buffer_size));
  options.load_factor = config.get(keys::log_cleaner_io_buffer_load_factor);
  options.io_buffer_size = static_cast<std::size_t>(config.get(keys::log_cleaner_io_buffer_size));
  options.max_bytes_per_second = config.get(keys::log_cleaner_io_max_bytes_per_second);
  options.backoff = std::chrono::milliseconds(std::min(config.get(keys::log_cleaner_backoff_ms), kLongestMs));
  return options;
}

}  // namespace barnabas::broker
