#include "sim/scenario/toml_section.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/nearest.hpp"

namespace barnabas::sim {

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || count > 1'000'000'000) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "us") return std::chrono::microseconds(count);
  if (unit == "ms") return std::chrono::milliseconds(count);
  if (unit == "s") return std::chrono::seconds(count);
  if (unit == "m" && count <= 1'000'000) return std::chrono::minutes(count);
  if (unit == "h" && count <= 10'000) return std::chrono::hours(count);
  return std::nullopt;
}

const toml::node* TomlSection::find(std::string_view key) {
  known_.push_back(key);
  return table_.get(key);
}

void TomlSection::complain(std::string_view key, const std::string& what) {
  if (error_.empty()) error_ = place_ + (place_.empty() ? "" : ".") + std::string(key) + ": " + what;
}

std::optional<std::string> TomlSection::text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto flag = node.value_exact<bool>()) return std::string(*flag ? "true" : "false");
  return std::nullopt;
}

void TomlSection::read(std::string_view key, std::string& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  if (!value) return complain(key, "expected a string");
  into = *value;
}

void TomlSection::read(std::string_view key, bool& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<bool>();
  if (!value) return complain(key, "expected true or false");
  into = *value;
}

void TomlSection::read(std::string_view key, std::int64_t& into, std::int64_t low, std::int64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < low || *value > high) {
    return complain(key, "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  into = *value;
}

void TomlSection::read(std::string_view key, NumberBounds& into, std::int64_t low, std::int64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  std::optional<std::int64_t> first = node->value_exact<std::int64_t>();
  std::optional<std::int64_t> last = first;
  if (const toml::array* pair = node->as_array(); pair != nullptr && pair->size() == 2) {
    first = (*pair)[0].value_exact<std::int64_t>();
    last = (*pair)[1].value_exact<std::int64_t>();
  }
  if (!first || !last || *first < low || *last > high || *first > *last) {
    return complain(key, "expected a whole number or [low, high], from " + std::to_string(low) + " to " +
                             std::to_string(high));
  }
  into = {*first, *last};
}

void TomlSection::read(std::string_view key, Duration& into) {
  TimeBounds bounds{into, into};
  read(key, bounds);
  if (bounds.low != bounds.high) return complain(key, "expected one time, not bounds");
  into = bounds.low;
}

void TomlSection::read(std::string_view key, TimeBounds& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto time_of = [](const toml::node& from) -> std::optional<Duration> {
    const auto text = from.value_exact<std::string>();
    return text ? parse_duration(*text) : std::nullopt;
  };
  std::optional<Duration> first = time_of(*node);
  std::optional<Duration> last = first;
  if (const toml::array* pair = node->as_array(); pair != nullptr && pair->size() == 2) {
    first = time_of((*pair)[0]);
    last = time_of((*pair)[1]);
  }
  if (!first || !last || *first > *last) {
    return complain(key, "expected a time such as \"250ms\" (us, ms, s, m, h) or bounds such as [\"1s\", \"20s\"]");
  }
  into = {*first, *last};
}

void TomlSection::read(std::string_view key, std::map<std::string, std::string>& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_table()) return complain(key, "expected a table such as { \"flush.messages\" = 1 }");
  for (const auto& [name, value] : *node->as_table()) {
    const auto text = text_of(value);
    if (!text) return complain(key, "the value of " + std::string(name.str()) + " is no string, number or boolean");
    into[std::string(name.str())] = *text;
  }
}

void TomlSection::read(std::string_view key, std::vector<std::uint64_t>& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_array()) return complain(key, "expected a list of whole numbers");
  for (const toml::node& element : *node->as_array()) {
    const auto value = element.value_exact<std::int64_t>();
    if (!value || *value < 0) return complain(key, "expected a list of whole numbers");
    into.push_back(static_cast<std::uint64_t>(*value));
  }
}

std::optional<std::size_t> TomlSection::read_name(std::string_view key, std::span<const std::string_view> names) {
  std::string name;
  if (!has(key)) complain(key, "is missing");
  read(key, name);
  const auto it = std::find(names.begin(), names.end(), name);
  if (it != names.end()) return static_cast<std::size_t>(it - names.begin());
  const std::string_view near = nearest(name, names);
  std::string all;
  for (const std::string_view one : names) all += (all.empty() ? "" : ", ") + std::string(one);
  complain(key, "\"" + name + "\" is none of: " + all +
                    (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?"));
  return std::nullopt;
}

std::vector<std::size_t> TomlSection::read_names(std::string_view key, std::span<const std::string_view> names) {
  std::vector<std::size_t> all;
  const toml::node* node = find(key);
  if (node == nullptr) return all;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    complain(key, "expected a list of names");
    return all;
  }
  for (const toml::node& element : *array) {
    const auto name = element.value_exact<std::string>();
    const auto it = std::find(names.begin(), names.end(), name.value_or(""));
    if (it == names.end()) {
      complain(key, "\"" + name.value_or("?") + "\" is not known");
    } else {
      all.push_back(static_cast<std::size_t>(it - names.begin()));
    }
  }
  return all;
}

std::vector<const toml::table*> TomlSection::tables(std::string_view key) {
  std::vector<const toml::table*> all;
  const toml::node* node = find(key);
  if (node == nullptr) return all;
  if (const toml::array* array = node->as_array()) {
    for (const toml::node& element : *array) {
      if (element.is_table()) all.push_back(element.as_table());
    }
    if (all.size() == array->size()) return all;
  }
  complain(key, "expected tables, written as [[" + std::string(key) + "]]");
  return {};
}

const toml::table* TomlSection::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) complain(key, "expected a table, written as [" + std::string(key) + "]");
  return node->as_table();
}

Result<void> TomlSection::finish() {
  for (const auto& [name, value] : table_) {
    const std::string_view key = name.str();
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string_view near = nearest(key, known_);
    complain(key, "unknown key" + (near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?"));
  }
  if (!error_.empty()) return fail(Errc::invalid_argument, error_);
  return {};
}

}  // namespace barnabas::sim
