// Values of configuration keys: parsing, limits, and what to tell the person who wrote a bad one.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/base/check.hpp"
#include "core/metadata/config_key.hpp"

namespace barnabas::metadata {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\f\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = trim(text.substr(0, comma));
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_allowed(std::string_view allowed, std::string_view value) {
  const std::vector<std::string> values = split(allowed);
  return allowed.empty() || std::ranges::find(values, value) != values.end();
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

bool is_integer(ConfigType type) {
  return type == ConfigType::int16 || type == ConfigType::int32 || type == ConfigType::int64;
}

// Nothing when the text is no legal value.
std::optional<ConfigValue> convert(const KeyInfo& key, std::string_view text) {
  switch (key.type) {
    case ConfigType::boolean:
      if (equals_ignoring_case(text, "true")) return ConfigValue(true);
      if (equals_ignoring_case(text, "false")) return ConfigValue(false);
      return std::nullopt;
    case ConfigType::int16:
    case ConfigType::int32:
    case ConfigType::int64: {
      const auto value = number<std::int64_t>(text);
      if (!value || *value < key.minimum || *value > key.maximum || value == key.excluded) return std::nullopt;
      return ConfigValue(*value);
    }
    case ConfigType::float64: {
      const auto value = number<double>(text);
      if (!value || std::isnan(*value)) return std::nullopt;
      const KeyInfo whole = declare(key.type, "", "", "");
      if (key.minimum > whole.minimum && *value < static_cast<double>(key.minimum)) return std::nullopt;
      if (key.maximum < whole.maximum && *value > static_cast<double>(key.maximum)) return std::nullopt;
      return ConfigValue(*value);
    }
    case ConfigType::list: {
      std::vector<std::string> parts = split(text);
      if (!std::ranges::all_of(parts, [&](const auto& part) { return is_allowed(key.allowed, part); })) {
        return std::nullopt;
      }
      return ConfigValue(std::move(parts));
    }
    case ConfigType::string:
    case ConfigType::java_class:
    case ConfigType::password:
      if (!is_allowed(key.allowed, text)) return std::nullopt;
      return ConfigValue(std::string(text));
  }
  return std::nullopt;
}

// Both bounds, always: whoever reads it need not know how large a number of this type may be.
std::string range_of(const KeyInfo& key) {
  if (!is_integer(key.type) && key.minimum == std::numeric_limits<std::int64_t>::min()) return "";
  std::string text = " from " + std::to_string(key.minimum) + " to " + std::to_string(key.maximum);
  if (key.excluded) text += " but " + std::to_string(*key.excluded);
  return text;
}

std::string spaced(std::string_view list) {
  std::string text;
  for (const std::string& part : split(list)) text += (text.empty() ? "" : ", ") + part;
  return text;
}

// As Java prints a number with a fraction.
std::string java_double(double value) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value);
  std::string text(digits, end.ptr);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

template <class Number>
std::string complaint_of_range(const KeyInfo& key, Number value) {
  if (key.excluded) return "Value must be between 1 and " + std::to_string(key.maximum) + " or equal to -1";
  if (value < static_cast<Number>(key.minimum)) return "Value must be at least " + std::to_string(key.minimum);
  return "Value must be no more than " + std::to_string(key.maximum);
}

std::string java_type(ConfigType type) {
  switch (type) {
    case ConfigType::int16: return "SHORT";
    case ConfigType::int32: return "INT";
    case ConfigType::float64: return "DOUBLE";
    default: return "LONG";
  }
}

bool fits(ConfigType type, std::int64_t value) {
  const KeyInfo whole = declare(type, "", "", "");
  return value >= whole.minimum && value <= whole.maximum;
}

}  // namespace

std::string complaint(const KeyInfo& key, std::string_view raw) {
  const std::string_view text = trim(raw);
  if (convert(key, text) || (key.nullable && text.empty())) return "";
  std::string shown(key.type == ConfigType::password ? "[hidden]" : text.substr(0, 200));
  std::string why;
  if (is_integer(key.type)) {
    const auto value = number<std::int64_t>(text);
    const bool is_number = value && fits(key.type, *value);
    why = is_number ? complaint_of_range(key, *value) : "Not a number of type " + java_type(key.type);
  } else if (key.type == ConfigType::float64) {
    const auto value = number<double>(text);
    if (value) shown = java_double(*value);
    why = value ? complaint_of_range(key, *value) : "Not a number of type " + java_type(key.type);
  } else if (key.type == ConfigType::boolean) {
    why = "Expected value to be either true or false";
  } else {
    for (const std::string& part : key.type == ConfigType::list ? split(text) : std::vector<std::string>()) {
      if (is_allowed(key.allowed, part)) continue;
      shown = part.substr(0, 200);
      break;
    }
    why = "String must be one of: " + spaced(key.allowed);
  }
  return "Invalid value " + shown + " for configuration " + std::string(key.name) + ": " + why;
}

std::string KeyInfo::legal_values() const {
  switch (type) {
    case ConfigType::boolean: return "true or false";
    case ConfigType::int16:
    case ConfigType::int32:
    case ConfigType::int64: return "an integer" + range_of(*this);
    case ConfigType::float64: return "a number" + range_of(*this);
    case ConfigType::list:
      return allowed.empty() ? "a comma-separated list" : "a comma-separated list of any of " + spaced(allowed);
    case ConfigType::string: return allowed.empty() ? "a text" : "one of " + spaced(allowed);
    case ConfigType::java_class: return "the name of a Java class";
    case ConfigType::password: return "a secret text";
  }
  return "";
}

Result<ConfigValue> parse_value(const KeyInfo& key, std::string_view raw) {
  const std::string_view text = trim(raw);
  // An empty value of a key without default is "not set", as an empty line in Kafka's files means it.
  if (key.nullable && text.empty()) return ConfigValue();
  if (auto value = convert(key, text)) return *std::move(value);
  std::string message(key.name);
  message += key.type == ConfigType::password ? "=***" : "=" + std::string(text.substr(0, 200));
  message += is_integer(key.type) && !number<std::int64_t>(text) ? ": not a number that fits; " : ": ";
  message += "it must be " + key.legal_values() + "; correct it, or remove it";
  message += key.nullable ? " (then it is not set)" : " for the default " + std::string(key.default_text);
  return fail(Errc::invalid_argument, std::move(message));
}

ConfigValue default_value(const KeyInfo& key) {
  if (key.nullable) return ConfigValue();
  auto value = convert(key, key.default_text);
  B_CHECK(value.has_value());
  return *std::move(value);
}

}  // namespace barnabas::metadata
