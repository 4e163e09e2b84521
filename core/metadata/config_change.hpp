// Changes of a set of overrides, a topic's or a broker's: KIP-339. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/metadata/config_key.hpp"

namespace barnabas::metadata {

using Overrides = std::map<std::string, std::string>;

// The numbers are those of IncrementalAlterConfigs.
enum class ConfigOp : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

struct ConfigChange {
  std::string name;
  ConfigOp op = ConfigOp::set;
  std::string value;  // Empty to remove.
};

struct ConfigEdit {
  bool replace = false;  // What is not named goes: AlterConfigs. Then every change is a `set`.
  std::vector<ConfigChange> changes;
};

// The overrides after the edit. append and subtract work on the key's default where there is no override, and only on
// lists: else invalid_argument, with Kafka's message. Values are not looked into. find: null for an unknown key.
Result<Overrides> apply(const ConfigEdit& edit, Overrides present, const KeyInfo* (*find)(std::string_view name));

}  // namespace barnabas::metadata
