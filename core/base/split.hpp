// A text divided at each separator.
#pragma once

#include <string_view>
#include <vector>

namespace barnabas {

// One part more than there are separators; parts may be empty. They borrow from text.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace barnabas
