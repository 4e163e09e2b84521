#include "sim/checkers/offsets_dense.hpp"

namespace barnabas::sim {

void OffsetsDense::quiescent(const LogImages& logs) {
  for (const auto& [partition, log] : logs) {
    if (!log.problem.empty()) return complain(log.problem);
    const bool gaps = scenario_.compacts(partition.topic);
    std::int64_t expected = log.start();
    for (const LoggedBatch& batch : log.batches) {
      const std::string where = partition.to_string() + " offset " + std::to_string(batch.base_offset);
      if (gaps ? batch.base_offset < expected : batch.base_offset != expected) {
        return complain(where + ": a batch begins here, expected was " + std::to_string(expected));
      }
      const std::int64_t count = batch.last_offset - batch.base_offset + 1;
      if (count < 1 || (!gaps && !batch.records.empty() && count != static_cast<std::int64_t>(batch.records.size()))) {
        return complain(where + ": the batch does not hold as many records as it has offsets");
      }
      expected = batch.last_offset + 1;
    }
  }
}

}  // namespace barnabas::sim
