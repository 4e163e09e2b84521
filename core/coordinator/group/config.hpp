// What the operator decides about groups. The broker fills it from Kafka's config keys, named beside each field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/base/time.hpp"

namespace barnabas::coordinator::group {

struct GroupConfig {
  Duration min_session_timeout = 6s;                                      // group.min.session.timeout.ms
  Duration max_session_timeout = 30min;                                   // group.max.session.timeout.ms
  Duration initial_rebalance_delay = 0s;                                  // group.initial.rebalance.delay.ms
  std::size_t max_group_size = std::numeric_limits<std::int32_t>::max();  // group.max.size
  std::size_t max_offset_metadata_size = 4096;                            // offset.metadata.max.bytes
  Duration offset_retention = 7 * 24h;                                    // offsets.retention.minutes
  Duration offset_check_interval = 10min;                                 // offsets.retention.check.interval.ms
  // Groups that one broker coordinates; a join or commit that would make one more gets GROUP_MAX_SIZE_REACHED.
  // Kafka has no such bound.
  std::size_t max_groups = 100'000;
};

// A member that joined for the first time and whose answer is still out cannot send heartbeats yet; it is
// dropped after this time (KAFKA-7610).
inline constexpr Duration kNewMemberJoinTimeout = 5min;

// Members that were told an id (MEMBER_ID_REQUIRED) and have not come back with it, per group; each is gone
// after its session timeout. Over it, GROUP_MAX_SIZE_REACHED.
inline constexpr std::size_t kMaxPendingMembers = 10'000;

}  // namespace barnabas::coordinator::group
