// Record sets as the golden vectors describe them.
#pragma once

#include <optional>
#include <string>

#include "core/record/batch.hpp"
#include "tests/golden/report.hpp"

namespace barnabas::golden {

// What a line says, field by field, about one batch of magic 2 or one message of magic 0 and 1; the record list
// is not compared. Empty if it agrees with bytes, else the first difference.
std::string compare_batch(const Json& expected, ByteView bytes);

// The records of one outer batch or message as the vectors list them, and the error that ended the walk.
struct Walk {
  Json records = Json::array();
  std::string error;
};
Walk walk_records(ByteView bytes);

// The same keys and values, whatever their order.
void compare_records(Line& line, const Json& expected, const Walk& found);

}  // namespace barnabas::golden
