// What golden_vectors counts and prints: each line of each file passes, fails, or does not apply for a reason.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::golden {

using Json = nlohmann::json;

// One line of a file while it is checked.
class Line {
 public:
  explicit Line(Json content) : content_(std::move(content)) {}

  const Json& operator[](const char* name) const { return content_.at(name); }
  bool has(const char* name) const { return content_.contains(name); }
  const Json& content() const { return content_; }

  void fail(std::string problem) { problems_.push_back(std::move(problem)); }
  // Both give what they found, so that a check can stop where the rest makes no sense.
  bool expect(bool holds, std::string_view problem) {
    if (!holds) fail(std::string(problem));
    return holds;
  }
  template <class A, class B>
  bool equal(const A& found, const B& expected, std::string_view what) {
    if (found == expected) return true;
    fail(std::string(what) + ": " + Json(found).dump() + ", expected " + Json(expected).dump());
    return false;
  }
  // A part of the line that is not compared, and why.
  void not_compared(std::string reason) { not_compared_.push_back(std::move(reason)); }
  // Nothing of the line can be compared.
  void not_applicable(std::string reason) { not_applicable_ = std::move(reason); }

  const std::vector<std::string>& problems() const { return problems_; }
  const std::vector<std::string>& uncompared() const { return not_compared_; }
  const std::string& inapplicable() const { return not_applicable_; }

 private:
  Json content_;
  std::vector<std::string> problems_;
  std::vector<std::string> not_compared_;
  std::string not_applicable_;
};

class Report {
 public:
  // number counts from 1.
  void add(const std::string& file, std::size_t number, const Line& line);
  // A failure that belongs to no line: a file that cannot be read.
  void add_failure(const std::string& what);
  // A whole file that no check knows.
  void add_unknown(const std::string& file, const std::string& reason);

  // Prints the passed lines by directory, what was not compared with its reasons, and last
  // "N passed, N failed". True when nothing failed and something passed.
  bool print_summary() const;

 private:
  std::map<std::string, std::size_t> passed_;           // By the first part of the file's name.
  std::map<std::string, std::size_t> failed_;           // By file.
  std::map<std::string, std::size_t> not_applicable_;   // By file and reason.
  std::map<std::string, std::size_t> partly_compared_;  // By file and reason.
  std::map<std::string, std::string> unknown_;          // Reason by file.
};

}  // namespace barnabas::golden
