// Guarantee: whatever a consumer was given for an offset is what the log holds there, and a consumer that reads a
// partition from its start is given the whole log, in order.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class ConsumedEqualsLog final : public Checker {
 public:
  using Checker::Checker;
  void quiescent(const LogImages& logs) override;

 private:
  void check_final(const TopicPartition& partition, const LogImage& log);
};

}  // namespace barnabas::sim
