// Guarantee: of each key in a compacted topic the last acknowledged record is there, or a later one of the same key; a
// mark of deletion stays at least delete.retention.ms; and nothing is in the log that was not produced there. Where
// many records have successors, some of them are gone.
#pragma once

#include <map>
#include <string>

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class CompactedKeepsLast final : public Checker {
 public:
  using Checker::Checker;
  void recovered(const std::string& node, const LogImages& logs) override;
  void quiescent(const LogImages& logs) override;

 private:
  // The last acknowledged record of a key, and how many there were. A key has one producer, so the records that were
  // never answered came after it.
  struct Last {
    const ProducedRecord* record = nullptr;
    std::int64_t count = 0;
    bool may_be_deleted = false;  // One of those is a tombstone.
  };
  using Keys = std::map<std::string_view, Last>;

  void check(const TopicPartition& partition, const LogImage& log);
  Keys last_of_keys(const TopicPartition& partition) const;
  void check_key(const TopicPartition& partition, const Last& last, const LoggedRecord* found);
  void check_progress(const TopicPartition& partition, const LogImage& log, const Keys& keys);
  bool tombstones_stay(const TopicPartition& partition) const;
};

}  // namespace barnabas::sim
