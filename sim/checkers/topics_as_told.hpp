// Guarantee: a topic that an admin was told is created is there, one that is deleted is gone, and whoever creates a
// name for the first time is not told that it was there before.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class TopicsAsTold final : public Checker {
 public:
  using Checker::Checker;
  void quiescent(const LogImages& logs) override;
};

}  // namespace barnabas::sim
