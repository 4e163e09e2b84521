// Judges the tests of replication: switches one bug on after the other (core/base/mutant.hpp) and looks whether the
// tests that aim at it notice. Exit 0: all bugs were noticed, and nothing was without one.
//
// Usage: replication_mutants [NAME...]
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string_view g_on;  // The one that is on; empty: none.

struct Mutant {
  std::string name;
  std::string row;     // Of the list of historic bugs (KIP or JIRA).
  std::string filter;  // The tests that aim at it.
};

const std::vector<Mutant> kMutants = {
    {"truncate_to_high_watermark", "KIP-101", "ReplicaManager.*:ReplicationStorm.*"},
    {"unknown_epoch_ends_with_the_log", "KIP-279", "ReplicaManager.*:ReplicationStorm.*:DivergingEpoch.*"},
    {"isr_is_joined_below_the_epoch_start", "KAFKA-7128", "ReplicaManager.*:ReplicationStorm.*:LeaderState.*"},
    {"same_leader_needs_no_truncation", "KAFKA-7164", "ReplicaManager.*:ReplicationStorm.*"},
    {"leader_epoch_of_a_reader_is_ignored", "KIP-320", "Leading.*:ReplicationStorm.*"},
    {"out_of_range_begins_at_log_start", "KAFKA-2143", "Follow.*:ReplicaManager.*:ReplicationStorm.*"},
    {"shrunk_isr_leaves_the_high_watermark", "KAFKA-13091", "ReplicaManager.*:LeaderState.*"},
    {"isr_is_proposed_once", "KAFKA-1382", "ReplicaManager.*:ReplicationStorm.*"},
    {"former_life_joins_the_isr", "KIP-903", "ReplicaManager.*:ReplicationStorm.*:LeaderState.*"},
    {"high_watermark_moves_below_min_isr", "KAFKA-15583", "ReplicaManager.*:LeaderState.*"},
    {"followers_forget_producers", "KIP-98", "ReplicaManager.*:Follow.*"},
};

// Remembers which tests failed, and prints nothing.
struct Listener : testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& test) override {
    if (test.result()->Failed()) failed.push_back(std::string(test.test_suite_name()) + "." + test.name());
  }
  std::vector<std::string> failed;
};

// Those that fail.
std::vector<std::string> noticed_by(Listener& listener, std::string_view mutant, const std::string& filter) {
  listener.failed.clear();
  g_on = mutant;
  GTEST_FLAG_SET(filter, filter);
  static_cast<void>(RUN_ALL_TESTS());
  g_on = {};
  return listener.failed;
}

}  // namespace

namespace barnabas {
bool mutant_is_reached(std::string_view name) { return name == g_on; }
void mutant_differs(std::string_view) {}
}  // namespace barnabas

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  auto* listener = new Listener;  // GoogleTest's from here on.
  listeners.Append(listener);
  const std::vector<std::string> wanted(argv + 1, argv + argc);
  bool good = true;
  const auto say = [](const std::string& what, const std::vector<std::string>& by, const char* nobody) {
    const std::string more = by.size() > 1 ? " and " + std::to_string(by.size() - 1) + " more" : "";
    std::printf("%s: %s\n", what.c_str(), by.empty() ? nobody : ("noticed by " + by.front() + more).c_str());
    std::fflush(stdout);
  };
  if (wanted.empty()) {
    const auto alarms = noticed_by(*listener, {}, "*");
    good = alarms.empty();
    say("without a bug", alarms, "quiet");
  }
  for (const Mutant& mutant : kMutants) {
    if (!wanted.empty() && std::ranges::find(wanted, mutant.name) == wanted.end()) continue;
    const auto by = noticed_by(*listener, mutant.name, mutant.filter);
    good = good && !by.empty();
    say(mutant.name + " (" + mutant.row + ")", by, "NOT NOTICED");
  }
  return good ? 0 : 1;
}
