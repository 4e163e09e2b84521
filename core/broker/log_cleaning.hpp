// What the broker's configuration says of compaction.
#pragma once

#include "core/log/cleaner/log_cleaner.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::broker {

log::LogCleanerOptions log_cleaner_options(const metadata::Config& config);

}  // namespace barnabas::broker
