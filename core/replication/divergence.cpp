#include "core/replication/divergence.hpp"

#include <algorithm>
#include <string>

#include "core/base/mutant.hpp"

namespace barnabas::replication {

Result<std::optional<log::EpochEnd>> diverging_epoch(const log::LeaderEpochCache& epochs, Offset log_end, Offset offset,
                                                     LeaderEpoch last_epoch) {
  if (last_epoch == kNoLeaderEpoch) return std::nullopt;
  const std::optional<log::EpochEnd> known = epochs.end_offset_for(last_epoch, log_end);
  if (!known) {
    return fail(Errc::offset_out_of_range,
                "no leader epoch is known here, so none to compare with " + std::to_string(last_epoch.value()));
  }
  if (known->epoch == last_epoch && known->end >= offset) return std::nullopt;
  // Else, as before KIP-279: an epoch that is not known here ends with the log.
  if (known->epoch != last_epoch && offset <= log_end && BARNABAS_MUTANT(unknown_epoch_ends_with_the_log)) {
    return std::nullopt;
  }
  return known;
}

Offset truncation_offset(const log::LeaderEpochCache& epochs, Offset log_end, const log::EpochEnd& leader) {
  const std::optional<log::EpochEnd> own = epochs.end_offset_for(leader.epoch, log_end);
  if (!own) return std::min(log_end, leader.end);
  if (own->epoch != leader.epoch) return std::min(log_end, own->end);
  return std::min({log_end, own->end, leader.end});
}

}  // namespace barnabas::replication
