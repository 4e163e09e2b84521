#include "core/log/file_names.hpp"

#include <charconv>
#include <limits>

#include "core/base/check.hpp"

namespace barnabas::log {

namespace {
constexpr std::size_t kOffsetDigits = 20;
}

std::string offset_file_name(Offset offset, std::string_view suffix) {
  B_CHECK_OP(offset.value(), >=, 0);
  const std::string digits = std::to_string(offset.value());
  std::string name(kOffsetDigits - digits.size(), '0');
  return name.append(digits).append(suffix);
}

std::optional<Offset> parse_offset_file_name(std::string_view name, std::string_view suffix) {
  if (name.size() != kOffsetDigits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  const auto value = parse_decimal(name.substr(1, kOffsetDigits - 1));
  if (name.front() != '0' || !value) return std::nullopt;
  return Offset(*value);
}

std::optional<TopicPartition> parse_partition_directory(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const auto partition = parse_decimal(name.substr(dash + 1));
  if (!partition || *partition > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  TopicPartition id{std::string(name.substr(0, dash)), PartitionId(static_cast<std::int32_t>(*partition))};
  if (id.to_string() != name) return std::nullopt;  // Leading zeros.
  return id;
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path(directory);
  return path.append("/").append(name);
}

std::optional<std::int64_t> parse_decimal(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text.front() == '-' || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace barnabas::log
