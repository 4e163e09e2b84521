// Base64 (standard alphabet, padded) and the repair of bad UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace barnabas::protocol::detail {

std::string to_base64(ByteView bytes);
std::optional<Buffer> from_base64(std::string_view text);

// The text with each maximal part of an ill-formed sequence replaced by U+FFFD (Unicode, "Best Practices for
// Using U+FFFD"), and an encoded surrogate by one, as Java's decoder does.
std::string valid_utf8(std::string_view text);

}  // namespace barnabas::protocol::detail
