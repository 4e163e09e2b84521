// Guarantee: whatever a consumer was given for an offset is what the log holds there, and a consumer that reads a
// partition from its start is given the whole log, in order; but for what compaction or retention has removed since.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class ConsumedEqualsLog final : public Checker {
 public:
  using Checker::Checker;
  void quiescent(const LogImages& logs) override;

 private:
  bool may_have_gone(const ReadRecord& read, const LogImages& logs) const;
  void check_final(const TopicPartition& partition, const LogImage& log);
};

}  // namespace barnabas::sim
