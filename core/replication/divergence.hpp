// Where two logs part, told by leader epochs (KIP-101, KIP-279, KIP-320; on fetch as in KIP-595). Pure.
//
// Same offset and same epoch means the same record (R3), so logs agree up to the end of the last epoch that both know
// to the same extent. A follower names the epoch of its last record with each fetch; the leader answers with a
// diverging epoch instead of records when its own log does not hold that record.
#pragma once

#include <optional>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/log/leader_epoch_cache.hpp"

namespace barnabas::replication {

// The leader's side: what a fetch at `offset`, whose last record is of `last_epoch`, is to be told; nothing: the logs
// agree so far. kNoLeaderEpoch: the follower has no record, or does not say (versions before 12). offset_out_of_range:
// the leader's log has no epochs (it was written before there were any), so there is nothing to compare; the follower
// starts again from the leader's bounds.
Result<std::optional<log::EpochEnd>> diverging_epoch(const log::LeaderEpochCache& epochs, Offset log_end, Offset offset,
                                                     LeaderEpoch last_epoch);

// The follower's side: where to cut its log, given the leader's answer. One cut may not be enough: the next fetch names
// the epoch before, and asks again. Never above log_end.
Offset truncation_offset(const log::LeaderEpochCache& epochs, Offset log_end, const log::EpochEnd& leader);

}  // namespace barnabas::replication
