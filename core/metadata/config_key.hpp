// How a configuration key is declared: once, in config_table.hpp or topic_config.cpp.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace barnabas::metadata {

// The numbers are those of DescribeConfigs answers.
enum class ConfigType : std::int8_t {
  boolean = 1,
  string = 2,
  int32 = 3,
  int16 = 4,
  int64 = 5,
  float64 = 6,
  list = 7,
  java_class = 8,
  password = 9,
};

// A value after parsing; monostate is null, that is "not set and without a default".
using ConfigValue = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>>;

// A literal aggregate with builder functions, so that a table of them reads as one line per key.
struct KeyInfo {
  std::string_view name;
  ConfigType type = ConfigType::string;
  std::string_view default_text;
  bool nullable = false;  // The default is null.
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::string_view allowed;              // The legal values (of a list: elements), comma-separated; empty: any.
  std::string_view deviation;            // What Kafka does instead; empty when the same.
  std::optional<std::int64_t> excluded;  // The one number between the bounds that is not legal.
  bool updatable = false;                // May be changed while the broker runs, for one broker or for all.
  bool effective = true;                 // False: known, so that a Kafka file loads, but without effect here yet.
  std::string_view documentation;

  constexpr KeyInfo at_least(std::int64_t low) const { return between(low, maximum); }
  constexpr KeyInfo between(std::int64_t low, std::int64_t high) const {
    KeyInfo copy = *this;
    copy.minimum = low;
    copy.maximum = high;
    return copy;
  }
  constexpr KeyInfo but_not(std::int64_t number) const {
    KeyInfo copy = *this;
    copy.excluded = number;
    return copy;
  }
  constexpr KeyInfo dynamic() const {
    KeyInfo copy = *this;
    copy.updatable = true;
    return copy;
  }
  constexpr KeyInfo one_of(std::string_view values) const {
    KeyInfo copy = *this;
    copy.allowed = values;
    return copy;
  }
  constexpr KeyInfo deviates(std::string_view kafka_does) const {
    KeyInfo copy = *this;
    copy.deviation = kafka_does;
    return copy;
  }
  constexpr KeyInfo not_yet() const {
    KeyInfo copy = *this;
    copy.effective = false;
    return copy;
  }
  // "an integer from 1 to 9", "one of gzip, zstd": for messages and the reference.
  std::string legal_values() const;
};

// No default: the value is null unless set.
inline constexpr std::string_view kNull{};

constexpr KeyInfo declare(ConfigType type, std::string_view name, std::string_view default_text,
                          std::string_view documentation) {
  KeyInfo key;
  key.name = name;
  key.type = type;
  key.nullable = default_text.data() == nullptr;
  key.default_text = key.nullable ? std::string_view("") : default_text;
  key.documentation = documentation;
  if (type == ConfigType::int32) {
    key.minimum = std::numeric_limits<std::int32_t>::min();
    key.maximum = std::numeric_limits<std::int32_t>::max();
  } else if (type == ConfigType::int16) {
    key.minimum = std::numeric_limits<std::int16_t>::min();
    key.maximum = std::numeric_limits<std::int16_t>::max();
  }
  return key;
}

// Parses and checks text. invalid_argument: the message names the key, the value, what is legal and the
// remedy.
Result<ConfigValue> parse_value(const KeyInfo& key, std::string_view text);
// What is wrong with the text, in the words of Kafka's brokers: "Invalid value 0 for configuration x: Value must be at
// least 1". Empty: nothing.
std::string complaint(const KeyInfo& key, std::string_view text);
// The default; monostate for nullable keys.
ConfigValue default_value(const KeyInfo& key);

// Which ConfigType a C++ type stands for: keys::x of Key<std::int32_t> must be declared int32.
template <class T>
struct ConfigTypeOf;
template <>
struct ConfigTypeOf<bool> {
  static constexpr bool accepts(ConfigType type) { return type == ConfigType::boolean; }
};
template <>
struct ConfigTypeOf<std::int16_t> {
  static constexpr bool accepts(ConfigType type) { return type == ConfigType::int16; }
};
template <>
struct ConfigTypeOf<std::int32_t> {
  static constexpr bool accepts(ConfigType type) { return type == ConfigType::int32; }
};
template <>
struct ConfigTypeOf<std::int64_t> {
  static constexpr bool accepts(ConfigType type) { return type == ConfigType::int64; }
};
template <>
struct ConfigTypeOf<double> {
  static constexpr bool accepts(ConfigType type) { return type == ConfigType::float64; }
};
template <>
struct ConfigTypeOf<std::string> {
  static constexpr bool accepts(ConfigType type) {
    return type == ConfigType::string || type == ConfigType::java_class || type == ConfigType::password;
  }
};
template <>
struct ConfigTypeOf<std::vector<std::string>> {
  static constexpr bool accepts(ConfigType type) { return type == ConfigType::list; }
};

namespace detail {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
constexpr bool key_has_type(const KeyInfo& key) {
  if constexpr (kIsOptional<T>) {
    return key.nullable && ConfigTypeOf<typename T::value_type>::accepts(key.type);
  } else {
    return !key.nullable && ConfigTypeOf<T>::accepts(key.type);
  }
}

// The parsed value as T. T fits: the key's constant was checked against its declaration when compiled.
template <class T>
T value_as(const ConfigValue& value) {
  if constexpr (kIsOptional<T>) {
    if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
    return value_as<typename T::value_type>(value);
  } else if constexpr (std::is_same_v<T, std::int16_t> || std::is_same_v<T, std::int32_t>) {
    return static_cast<T>(std::get<std::int64_t>(value));
  } else {
    return std::get<T>(value);
  }
}

}  // namespace detail
}  // namespace barnabas::metadata
