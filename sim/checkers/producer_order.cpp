#include "sim/checkers/producer_order.hpp"

#include <map>
#include <string_view>

namespace barnabas::sim {

void ProducerOrder::quiescent(const LogImages& logs) {
  std::map<std::string_view, std::size_t> sent;  // Value -> its place in the history.
  for (std::size_t i = 0; i < history_.produced.size(); ++i) {
    const ProducedRecord& record = history_.produced[i];
    if (record.idempotent && !record.tombstone) sent.emplace(record.value, i);
  }
  for (const auto& [partition, log] : logs) {
    std::map<std::string_view, std::size_t> last;  // Producer -> the place of its last record.
    for (const LoggedBatch& batch : log.batches) {
      for (const LoggedRecord& record : batch.records) {
        const auto it = sent.find(record.value);
        if (it == sent.end()) continue;
        const auto [before, is_first] = last.emplace(history_.produced[it->second].producer, it->second);
        if (!is_first && it->second < before->second) {
          return complain(partition.to_string() + " offset " + std::to_string(record.offset) +
                          ": a record comes behind one that " + std::string(before->first) + " sent after it");
        }
        before->second = it->second;
      }
    }
  }
}

}  // namespace barnabas::sim
