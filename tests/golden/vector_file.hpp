// Reads golden vectors: gzip'd files with one JSON object per line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace barnabas::golden {

// The unzipped file; nothing when it cannot be read.
std::optional<std::string> read_gzip(const std::string& path);
// The lines that are not empty. They borrow from text.
std::vector<std::string_view> split_lines(std::string_view text);

Buffer from_hex(std::string_view hex);
std::string to_hex(ByteView bytes);

}  // namespace barnabas::golden
