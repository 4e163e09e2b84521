// Guarantee: what an idempotent producer sent is in the log at most once, whatever it had to retry.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class NoDuplicates final : public Checker {
 public:
  using Checker::Checker;
  void quiescent(const LogImages& logs) override;
};

}  // namespace barnabas::sim
