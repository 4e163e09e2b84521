// The frame of Kafka's checkpoint files: a line "0" (the version), a line with the number of entries, the entries.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace barnabas::log {

// The entries' lines, which borrow from text. corrupt: another version, or not as many lines as announced.
Result<std::vector<std::string_view>> checkpoint_lines(std::string_view text, std::string_view name);

}  // namespace barnabas::log
