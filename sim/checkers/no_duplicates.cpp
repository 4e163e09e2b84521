#include "sim/checkers/no_duplicates.hpp"

#include <map>

namespace barnabas::sim {

void NoDuplicates::quiescent(const LogImages& logs) {
  std::map<std::string_view, std::string> seen;  // Value -> where; only of idempotent producers.
  for (const ProducedRecord& record : history_.produced) {
    if (record.idempotent && !record.tombstone) seen.emplace(record.value, "");
  }
  for (const auto& [partition, log] : logs) {
    for (const LoggedBatch& batch : log.batches) {
      for (const LoggedRecord& record : batch.records) {
        const auto it = seen.find(record.value);
        if (it == seen.end()) continue;
        const std::string where = partition.to_string() + " offset " + std::to_string(record.offset);
        if (!it->second.empty()) return complain("a record is there twice: " + it->second + " and " + where);
        it->second = where;
      }
    }
  }
}

}  // namespace barnabas::sim
