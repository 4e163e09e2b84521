// Guarantee: a record that was acknowledged is in its partition's log, at the offset and with the bytes it was
// acknowledged with (somewhere, if its answer named no offset), after any number of killed processes; after a power cut
// too if flush.messages is 1, else if it was synced. Topics that are compacted or whose old records are deleted keep
// only what compacted_keeps_last and retention leave.
#pragma once

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class NoAckedLoss final : public Checker {
 public:
  using Checker::Checker;
  void recovered(const std::string& node, const LogImages& logs) override;
  void quiescent(const LogImages& logs) override { check(logs); }

 private:
  void check(const LogImages& logs);
  // Of records that were acknowledged without an offset, as a retry may be.
  void check_anywhere(const LogImages& logs);
};

}  // namespace barnabas::sim
