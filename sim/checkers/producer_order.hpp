// Guarantee: what an idempotent producer sent to a partition is in its log in the order in which it was sent.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class ProducerOrder final : public Checker {
 public:
  using Checker::Checker;
  void quiescent(const LogImages& logs) override;
};

}  // namespace barnabas::sim
