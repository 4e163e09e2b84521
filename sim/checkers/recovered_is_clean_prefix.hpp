// Guarantee: after a crash each partition's log is a prefix of the whole batches that were written before it, every
// checksum right, and holds at least what was synced; only then new batches follow.
#pragma once

#include <map>

#include "sim/checkers/checker.hpp"

namespace barnabas::sim {

class RecoveredIsCleanPrefix final : public Checker {
 public:
  using Checker::Checker;
  void crashed(const CrashReport& crash) override { last_crash_[crash.node] = crash; }
  void recovered(const std::string& node, const LogImages& logs) override;

 private:
  void compare(const TopicPartition& partition, const CrashReport& crash, LogImage now);

  std::map<std::string, CrashReport> last_crash_;
};

}  // namespace barnabas::sim
