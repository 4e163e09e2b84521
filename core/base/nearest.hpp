// The nearest known name to a misspelt one, for error messages.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace barnabas {

// Levenshtein's distance: how many single bytes must be inserted, deleted or replaced. Time and memory are the
// product and the shorter of the lengths; callers pass names, not documents.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known name with the smallest distance, the first of equals. Empty when nothing is near enough to be meant
// (more than a third of the letters differ), so that a message does not suggest nonsense.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace barnabas
