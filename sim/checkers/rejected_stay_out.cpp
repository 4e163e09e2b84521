#include "sim/checkers/rejected_stay_out.hpp"

#include <set>

namespace barnabas::sim {

void RejectedStayOut::quiescent(const LogImages& logs) {
  std::set<std::string_view> rejected;
  for (const ProducedRecord& record : history_.produced) {
    const bool told_apart = !record.tombstone;  // By its value.
    if (told_apart && record.state == ProducedRecord::State::rejected) rejected.insert(record.value);
  }
  for (const auto& [partition, log] : logs) {
    for (const LoggedBatch& batch : log.batches) {
      for (const LoggedRecord& record : batch.records) {
        if (!rejected.contains(record.value)) continue;
        return complain("a rejected record is in the log: " + partition.to_string() + " offset " +
                        std::to_string(record.offset));
      }
    }
  }
}

}  // namespace barnabas::sim
