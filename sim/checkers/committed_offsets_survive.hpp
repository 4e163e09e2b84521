// Guarantee: the offset a group committed last, once acknowledged, is what a later OffsetFetch answers (or a later one
// that was sent), across killed brokers; across power cuts too if the offsets topic syncs each batch.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class CommittedOffsetsSurvive final : public Checker {
 public:
  using Checker::Checker;
  void quiescent(const LogImages& logs) override;
};

}  // namespace barnabas::sim
