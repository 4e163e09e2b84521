// What happens in a cluster that a fault may wait for: most mistakes need a blow at one moment, which drawn times miss.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "core/base/ids.hpp"

namespace barnabas::sim {

struct Moment {
  enum class Kind : std::uint8_t {
    isr_grows,           // In ZooKeeper; subject: who joined.
    isr_shrinks,         // Subject: who left.
    elected,             // Another leads; subject: who.
    caught_up,           // A replica outside the ISR has come to the leader's log end; subject: that one.
    controller_elected,  // Subject: who. Of no partition.
    registered,          // A broker's znode was created; subject: whose. Of no partition.
    down,                // A broker's process has ended; subject: whose. Of no partition.
  };
  Kind kind{};
  TopicPartition partition;
  std::int32_t subject = -1;
};

// As in a scenario file, in the order of the kinds.
inline constexpr std::string_view kMoments[] = {"isr_grows",          "isr_shrinks", "elected", "caught_up",
                                                "controller_elected", "registered",  "down"};

using OnMoment = std::function<void(const Moment&)>;

}  // namespace barnabas::sim
