// What was set while the broker runs, over what its file says; and how all of it is described.
#include <algorithm>
#include <array>

#include "core/base/check.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::metadata {

namespace {

// Keys of which the later ones stand in for the first.
constexpr std::array<std::string_view, 3> kFamilies[] = {
    {"log.roll.ms", "log.roll.hours"},
    {"log.roll.jitter.ms", "log.roll.jitter.hours"},
    {"log.retention.ms", "log.retention.minutes", "log.retention.hours"},
};
// The scheduler's interval stands in for log.flush.interval.ms, but not the other way round.
constexpr std::array<std::string_view, 3> kFlushFamily = {"log.flush.interval.ms", "log.flush.scheduler.interval.ms"};

std::vector<std::string_view> family_of(std::string_view key) {
  const auto members = [](const auto& family) {
    std::vector<std::string_view> names(family.begin(), family.end());
    std::erase(names, std::string_view());
    return names;
  };
  if (key == kFlushFamily.front()) return members(kFlushFamily);
  for (const auto& family : kFamilies) {
    if (std::ranges::find(family, key) != family.end()) return members(family);
  }
  return {key};
}

}  // namespace

const Config::Entry* Config::in_force(std::string_view key) const {
  for (const Entries* entries : {&for_this_broker_.entries, &for_all_brokers_.entries, &values_}) {
    if (const auto found = entries->find(key); found != entries->end()) return &found->second;
  }
  return nullptr;
}

std::optional<std::string> Config::text(std::string_view key) const {
  const Entry* found = in_force(key);
  return found == nullptr ? std::nullopt : std::optional(found->text);
}

Config::Layer& Config::layer(ConfigSource source) {
  B_CHECK(source == ConfigSource::dynamic_broker || source == ConfigSource::dynamic_default_broker);
  return source == ConfigSource::dynamic_broker ? for_this_broker_ : for_all_brokers_;
}

const std::map<std::string, std::string>& Config::dynamic(ConfigSource source) const {
  B_CHECK(source == ConfigSource::dynamic_broker || source == ConfigSource::dynamic_default_broker);
  return source == ConfigSource::dynamic_broker ? for_this_broker_.given : for_all_brokers_.given;
}

std::vector<std::string> Config::set_dynamic(ConfigSource source, const std::map<std::string, std::string>& values) {
  Layer fresh;
  fresh.given = values;
  std::vector<std::string> left_out;
  for (const auto& [name, text] : values) {
    const KeyInfo* key = find_key(name);
    if (key == nullptr) {
      left_out.push_back("unknown key " + name.substr(0, 200) + " is ignored");
    } else if (!key->updatable) {
      left_out.push_back("key " + name + " cannot be changed while the broker runs; set it in server.properties");
    } else if (auto value = parse_value(*key, text); !value) {
      left_out.push_back(value.error().message);
    } else if (!std::holds_alternative<std::monostate>(*value)) {
      fresh.entries[name] = Entry{text, *std::move(value)};
      if (!key->effective) left_out.push_back("key " + name + " has no effect yet");
    }
  }
  layer(source) = std::move(fresh);
  return left_out;
}

Result<void> Config::check_dynamic(const std::map<std::string, std::string>& values) {
  std::string fixed;
  for (const auto& [name, text] : values) {
    const KeyInfo* key = find_key(name);
    if (key != nullptr && !key->updatable) fixed += (fixed.empty() ? "" : ", ") + name;
  }
  if (!fixed.empty()) {
    return fail(Errc::invalid_argument, "Cannot update these configs dynamically: Set(" + fixed + ")");
  }
  for (const auto& [name, text] : values) {
    const KeyInfo* key = find_key(name);
    if (key == nullptr) continue;  // Kafka keeps it for its plug-ins.
    if (std::string wrong = complaint(*key, text); !wrong.empty())
      return fail(Errc::invalid_argument, std::move(wrong));
    if (name == "log.retention.ms" && std::get<std::int64_t>(parse_value(*key, text).value_or(std::int64_t{1})) == 0) {
      return fail(Errc::invalid_argument,
                  "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
    }
  }
  return {};
}

std::vector<ConfigSynonym> Config::synonyms(std::string_view key) const {
  const std::vector<std::string_view> names = family_of(key);
  std::vector<ConfigSynonym> places;
  const auto add = [&](std::string_view name, std::string text, ConfigSource source) {
    const KeyInfo* info = find_key(name);
    const bool secret = info == nullptr || info->type == ConfigType::password;
    places.push_back({std::string(name), secret ? std::nullopt : std::optional(std::move(text)), source});
  };
  const auto add_set = [&](const Entries& entries, ConfigSource source) {
    for (const std::string_view name : names) {
      if (const auto found = entries.find(name); found != entries.end()) add(name, found->second.text, source);
    }
  };
  add_set(for_this_broker_.entries, ConfigSource::dynamic_broker);
  add_set(for_all_brokers_.entries, ConfigSource::dynamic_default_broker);
  add_set(values_, ConfigSource::static_broker);
  for (const std::string_view name : names) {
    const KeyInfo* info = find_key(name);
    if (info != nullptr && !info->nullable) add(name, std::string(info->default_text), ConfigSource::default_config);
  }
  const auto own = std::ranges::find(places, key, &ConfigSynonym::name);
  places.erase(places.begin(), own);
  return places;
}

ConfigEntry Config::describe_key(const KeyInfo& key) const {
  ConfigEntry entry;
  entry.name = std::string(key.name);
  entry.type = key.type;
  entry.read_only = !key.updatable;
  entry.is_sensitive = key.type == ConfigType::password;
  entry.documentation = std::string(key.documentation);
  entry.synonyms = synonyms(key.name);
  if (entry.synonyms.empty()) return entry;
  entry.source = entry.synonyms.front().source;
  entry.value = entry.synonyms.front().value;
  return entry;
}

std::vector<ConfigEntry> Config::describe() const {
  std::vector<ConfigEntry> entries;
  for (const KeyInfo* key : all_keys()) entries.push_back(describe_key(*key));
  return entries;
}

std::vector<ConfigEntry> Config::describe_dynamic_defaults() const {
  std::vector<ConfigEntry> entries;
  for (const auto& [name, value] : for_all_brokers_.entries) {
    ConfigEntry entry = describe_key(*find_key(name));
    std::erase_if(entry.synonyms,
                  [](const ConfigSynonym& synonym) { return synonym.source != ConfigSource::dynamic_default_broker; });
    entry.source = ConfigSource::dynamic_default_broker;
    entry.value = entry.synonyms.front().value;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace barnabas::metadata
