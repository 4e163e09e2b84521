#include "core/log/text_lines.hpp"

#include <string>

#include "core/base/split.hpp"
#include "core/log/file_names.hpp"

namespace barnabas::log {

Result<std::vector<std::string_view>> checkpoint_lines(std::string_view text, std::string_view name) {
  std::vector<std::string_view> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  const auto announced = lines.size() < 2 ? std::nullopt : parse_decimal(lines[1]);
  if (!announced || lines[0] != "0" || static_cast<std::uint64_t>(*announced) != lines.size() - 2) {
    return fail(Errc::corrupt, std::string(name) + ": not a checkpoint of version 0, or not whole");
  }
  lines.erase(lines.begin(), lines.begin() + 2);
  return lines;
}

}  // namespace barnabas::log
