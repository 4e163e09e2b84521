// The repair of bad UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace barnabas {

// The text with each maximal part of an ill-formed sequence replaced by U+FFFD (Unicode, "Best Practices for
// Using U+FFFD"), and an encoded surrogate by one, as Java's decoder does.
std::string valid_utf8(std::string_view text);

}  // namespace barnabas
