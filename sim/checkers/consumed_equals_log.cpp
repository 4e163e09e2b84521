#include "sim/checkers/consumed_equals_log.hpp"

namespace barnabas::sim {

void ConsumedEqualsLog::quiescent(const LogImages& logs) {
  for (const ReadRecord& read : history_.read) {
    if (read.may_be_lost) continue;
    const auto log = logs.find(read.partition);
    const LoggedRecord* found = log == logs.end() ? nullptr : log->second.find(read.offset);
    const std::string where = read.partition.to_string() + " offset " + std::to_string(read.offset);
    if (found == nullptr && may_have_gone(read, logs)) continue;
    if (found == nullptr) return complain(read.reader + " was given a record that is not there: " + where);
    if (found->value != read.value) return complain(read.reader + " was given another record than is there: " + where);
  }
  for (const auto& [partition, log] : logs) {
    // What was read last may be removed in the background before it is compared.
    const bool settled = !scenario_.compacts(partition.topic) && !scenario_.deletes(partition.topic);
    if (scenario_.find_topic(partition.topic) != nullptr && settled) check_final(partition, log);
  }
}

bool ConsumedEqualsLog::may_have_gone(const ReadRecord& read, const LogImages& logs) const {
  if (scenario_.compacts(read.partition.topic)) return true;
  const auto log = logs.find(read.partition);
  return scenario_.deletes(read.partition.topic) && log != logs.end() && read.offset < log->second.start();
}

void ConsumedEqualsLog::check_final(const TopicPartition& partition, const LogImage& log) {
  const auto it = history_.final_read.find(partition);
  static const std::vector<std::pair<std::int64_t, std::string>> kNothing;
  const auto& given = it == history_.final_read.end() ? kNothing : it->second;
  std::size_t at = 0;
  for (const LoggedBatch& batch : log.batches) {
    for (const LoggedRecord& record : batch.records) {
      const std::string where = partition.to_string() + " offset " + std::to_string(record.offset);
      if (at == given.size()) return complain("a reader was not given " + where);
      if (given[at] != std::pair(record.offset, record.value)) {
        return complain("a reader was given offset " + std::to_string(given[at].first) + ", or another record, for " +
                        where);
      }
      ++at;
    }
  }
  if (at < given.size()) complain("a reader was given more than there is of " + partition.to_string());
}

}  // namespace barnabas::sim
