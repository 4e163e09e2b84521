// Reads golden vectors: gzip files of one JSON object a line.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/record/batch.hpp"

namespace barnabas::record::golden {

using Json = nlohmann::json;

// All lines of tests/golden/vectors/<name>. Ends the process if the file cannot be read.
std::vector<Json> load(const std::string& name);

Buffer from_hex(std::string_view hex);
std::string to_hex(ByteView bytes);
// A key or value as the vectors write it: hex or null.
Json hex_or_null(const std::optional<ByteView>& bytes);

// What a line says, field by field, about one batch of magic 2 or one message of magic 0 and 1; the record list
// is not compared. Empty if it agrees with bytes, else the first difference.
std::string compare_batch(const Json& expected, ByteView bytes);

// The records of one outer batch or message as the vectors list them, and the error that ended the walk.
struct Walk {
  Json records = Json::array();
  std::string error;
};
Walk walk_records(ByteView bytes);

// Lines that were not compared, by reason; printed at the end of a test.
class Skipped {
 public:
  explicit Skipped(std::string test) : test_(std::move(test)) {}
  ~Skipped();
  void add(const std::string& reason, const std::string& line) { lines_[reason].push_back(line); }

 private:
  std::string test_;
  std::map<std::string, std::vector<std::string>> lines_;
};

}  // namespace barnabas::record::golden
