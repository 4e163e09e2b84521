// Whether a client that names the leader epoch it believes in (KIP-320) may go on.
#pragma once

#include "core/protocol/error_code.hpp"
#include "core/replication/partition.hpp"

namespace barnabas::broker {

// FENCED_LEADER_EPOCH: its metadata are old. UNKNOWN_LEADER_EPOCH: ours are. kNoLeaderEpoch: it does not say.
inline protocol::ErrorCode check_leader_epoch(const replication::Partition& partition, LeaderEpoch named) {
  if (named == kNoLeaderEpoch || named == partition.leader_epoch()) return protocol::ErrorCode::none;
  return named < partition.leader_epoch() ? protocol::ErrorCode::fenced_leader_epoch
                                          : protocol::ErrorCode::unknown_leader_epoch;
}

}  // namespace barnabas::broker
