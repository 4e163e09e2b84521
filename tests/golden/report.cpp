#include "tests/golden/report.hpp"

#include <cstdio>

namespace barnabas::golden {
namespace {

constexpr std::size_t kShownFailuresPerFile = 10;

std::string group_of(const std::string& file) { return file.substr(0, file.find_first_of("/.")); }

std::size_t sum(const std::map<std::string, std::size_t>& counts) {
  std::size_t total = 0;
  for (const auto& [name, count] : counts) total += count;
  return total;
}

void print(const char* title, const std::map<std::string, std::size_t>& counts) {
  for (const auto& [what, count] : counts) std::printf("%s  %6zu  %s\n", title, count, what.c_str());
}

}  // namespace

void Report::add(const std::string& file, std::size_t number, const Line& line) {
  for (const std::string& reason : line.uncompared()) ++partly_compared_[file + ": " + reason];
  if (!line.problems().empty()) {
    if (++failed_[file] > kShownFailuresPerFile) return;
    std::printf("FAILED        %s line %zu: %s\n", file.c_str(), number, line.problems().front().c_str());
  } else if (!line.inapplicable().empty()) {
    ++not_applicable_[file + ": " + line.inapplicable()];
  } else {
    ++passed_[group_of(file)];
  }
}

void Report::add_failure(const std::string& what) {
  ++failed_[what];
  std::printf("FAILED        %s\n", what.c_str());
}

void Report::add_unknown(const std::string& file, const std::string& reason) { unknown_[file] = reason; }

bool Report::print_summary() const {
  print("passed        ", passed_);
  print("partly        ", partly_compared_);
  print("not applicable", not_applicable_);
  for (const auto& [file, reason] : unknown_) {
    std::printf("not applicable  %s: %s\n", file.c_str(), reason.c_str());
  }
  print("failed        ", failed_);
  const std::size_t passed = sum(passed_);
  const std::size_t failed = sum(failed_);
  std::printf("%zu not applicable, %zu compared in part, with the reasons above\n",
              sum(not_applicable_) + unknown_.size(), sum(partly_compared_));
  std::printf("%zu passed, %zu failed\n", passed, failed);
  return failed == 0 && passed > 0;
}

}  // namespace barnabas::golden
