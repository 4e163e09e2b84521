// Reads the golden vectors: gzip'd files with one JSON object per line.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace barnabas::golden {

// Calls visit for each line of vectors/<name>.jsonl.gz and returns how many there were. A missing or damaged
// file fails the test.
std::size_t for_each_vector(const std::string& name, const std::function<void(const nlohmann::json&)>& visit);

Buffer from_hex(std::string_view hex);
std::string to_hex(ByteView bytes);

}  // namespace barnabas::golden
