#include "core/log/text_lines.hpp"

#include <string>

#include "core/log/file_names.hpp"

namespace barnabas::log {

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t end = line.find(separator);
    fields.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

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
