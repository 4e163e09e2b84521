#include "core/log/cleaner/transaction_track.hpp"

#include <algorithm>

#include "core/log/producer_state.hpp"

namespace barnabas::log {

TransactionTrack::TransactionTrack(std::vector<AbortedTransaction> aborted) : waiting_(std::move(aborted)) {
  std::ranges::sort(waiting_, std::ranges::greater(), &AbortedTransaction::first_offset);
}

void TransactionTrack::begin_up_to(Offset offset) {
  while (!waiting_.empty() && waiting_.back().first_offset <= offset) {
    const AbortedTransaction begun = waiting_.back();
    waiting_.pop_back();
    aborted_.try_emplace(begun.producer_id, Aborted{begun, false});
  }
}

bool TransactionTrack::note_data(const record::BatchHeader& header) {
  begin_up_to(header.last_offset());
  if (!header.is_transactional()) return false;
  const auto found = aborted_.find(header.producer_id);
  if (found == aborted_.end()) {
    committed_.insert(header.producer_id);
    return false;
  }
  found->second.had_data = true;
  return true;
}

Result<bool> TransactionTrack::note_marker(const record::BatchHeader& header, ByteView batch) {
  begin_up_to(header.last_offset());
  if (header.record_count == 0) return true;  // Emptied by an earlier pass.
  B_TRY(const auto marker, read_marker(batch));
  if (!marker) return false;
  if (marker->committed) return committed_.erase(header.producer_id) == 0;
  const auto node = aborted_.extract(header.producer_id);
  if (node.empty() || !node.mapped().had_data) return true;
  kept_.push_back(node.mapped().transaction);
  return false;
}

}  // namespace barnabas::log
