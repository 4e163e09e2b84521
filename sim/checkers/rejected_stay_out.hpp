// Guarantee: a record that was refused with a definite error never appears in a log.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class RejectedStayOut final : public Checker {
 public:
  using Checker::Checker;
  void quiescent(const LogImages& logs) override;
};

}  // namespace barnabas::sim
