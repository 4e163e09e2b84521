// The tests of rooms as a judge: mutant-tests FILTER [MUTANT] runs those that GoogleTest's filter names and tells which
// were the first to fail. Exit code 1: one did; 2: usage, or the filter names none.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "tests/mutants/switch.hpp"

namespace {

struct Listener : testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& test) override {
    if (!test.result()->Failed() || !failed.empty()) return;
    failed = std::string(test.test_suite_name()) + "." + test.name();
  }
  std::string failed;  // The first.
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc < 2) {
    std::fprintf(stderr, "usage: mutant-tests FILTER [MUTANT]\n");
    return 2;
  }
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  auto* listener = new Listener;  // GoogleTest's from here on.
  listeners.Append(listener);
  GTEST_FLAG_SET(filter, argv[1]);
  if (argc > 2) barnabas::switch_mutant_on(argv[2]);
  static_cast<void>(RUN_ALL_TESTS());
  if (testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
    std::fprintf(stderr, "no test is named by %s\n", argv[1]);
    return 2;
  }
  if (listener->failed.empty()) return 0;
  std::printf("%s\n", listener->failed.c_str());
  return 1;
}
