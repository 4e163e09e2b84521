#include "sim/checkers/no_acked_loss.hpp"

#include <set>
#include <string_view>

namespace barnabas::sim {

void NoAckedLoss::recovered(const std::string&, const LogImages& logs) { check(logs); }

void NoAckedLoss::check(const LogImages& logs) {
  for (const ProducedRecord& record : history_.produced) {
    if (!record.must_be_there() || scenario_.compacts(record.partition.topic)) continue;
    const auto log = logs.find(record.partition);
    const bool retained = log == logs.end() || record.offset >= log->second.start();
    if (!retained && scenario_.deletes(record.partition.topic)) continue;
    const LoggedRecord* found = log == logs.end() ? nullptr : log->second.find(record.offset);
    const std::string where = record.partition.to_string() + " offset " + std::to_string(record.offset);
    if (found == nullptr) return complain("acknowledged record is gone: " + where);
    if (found->value != record.value) return complain("acknowledged record was replaced by another: " + where);
  }
  check_anywhere(logs);
}

void NoAckedLoss::check_anywhere(const LogImages& logs) {
  std::map<TopicPartition, std::set<std::string_view>> wanted;
  for (const ProducedRecord& record : history_.produced) {
    const bool acknowledged = record.state == ProducedRecord::State::acknowledged && record.offset < 0;
    if (!acknowledged || record.may_be_lost_from != kNowhere || record.tombstone) continue;
    if (scenario_.compacts(record.partition.topic) || scenario_.deletes(record.partition.topic)) continue;
    wanted[record.partition].insert(record.value);
  }
  for (auto& [partition, values] : wanted) {
    const auto log = logs.find(partition);
    static const LogImage kEmpty;
    for (const LoggedBatch& batch : (log == logs.end() ? kEmpty : log->second).batches) {
      for (const LoggedRecord& record : batch.records) values.erase(record.value);
    }
    if (values.empty()) continue;
    return complain("acknowledged record is gone: " + partition.to_string() + ", " + std::string(*values.begin()));
  }
}

}  // namespace barnabas::sim
