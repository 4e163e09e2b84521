#include "sim/checkers/no_acked_loss.hpp"

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
}

}  // namespace barnabas::sim
