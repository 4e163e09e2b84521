// Guarantee: a partition's log is a row of whole batches with right checksums whose offsets follow each other without
// gap or overlap.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class OffsetsDense final : public Checker {
 public:
  using Checker::Checker;
  void quiescent(const LogImages& logs) override;
};

}  // namespace barnabas::sim
