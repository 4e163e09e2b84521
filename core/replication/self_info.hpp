// This broker in its present life.
#pragma once

#include <cstdint>

#include "core/base/ids.hpp"

namespace barnabas::replication {

struct SelfInfo {
  BrokerId id = kNoBroker;
  std::int64_t epoch = -1;  // czxid of its registration; rises when it registers anew.
};

}  // namespace barnabas::replication
