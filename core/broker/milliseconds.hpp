// Times of configuration keys.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/time.hpp"

namespace barnabas::broker {

// Half the longest duration at most, so that it can be added to an instant.
inline Duration milliseconds(std::int64_t count) {
  constexpr std::int64_t kMost = std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max()).count() / 2;
  return std::chrono::milliseconds(std::min(count, kMost));
}

}  // namespace barnabas::broker
