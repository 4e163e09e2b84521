#include "core/metadata/config.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/base/nearest.hpp"
#include "core/metadata/config_known.hpp"
#include "core/metadata/properties.hpp"
#include "core/zookeeper/session_client/connect_string.hpp"

namespace barnabas::metadata {

namespace {

constexpr std::string_view kRackAwareSelector = "org.apache.kafka.common.replica.RackAwareReplicaSelector";
constexpr std::string_view kLeaderSelector = "org.apache.kafka.common.replica.LeaderSelector";

// Keys that stand for a family: a listener's own settings, and what is passed on to plug-ins.
constexpr std::string_view kKnownPrefixes[] = {"listener.name.", "rsm.config.", "rlmm.config."};

std::map<std::string_view, const KeyInfo*> build_index() {
  std::map<std::string_view, const KeyInfo*> index;
  for (const table::Section& section : table::kSections) {
    for (std::size_t i = 0; i < section.count; ++i) index.emplace(section.keys[i].name, &section.keys[i]);
  }
  for (const KeyInfo& key : known_keys()) index.emplace(key.name, &key);
  return index;
}

bool has_known_prefix(std::string_view key) {
  return std::ranges::any_of(kKnownPrefixes, [&](std::string_view prefix) { return key.starts_with(prefix); });
}

std::string unknown_key_warning(std::string_view key) {
  std::vector<std::string_view> names;
  for (const KeyInfo* known : all_keys()) names.push_back(known->name);
  std::string text = "unknown key " + std::string(key.substr(0, 200)) + " is ignored";
  const std::string_view close = nearest(key, names);
  if (!close.empty()) text += "; did you mean " + std::string(close) + "?";
  return text;
}

Result<ListenerSpec> parse_listener(std::string_view key, std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(Errc::invalid_argument, std::string(key) + "=" + std::string(text) + ": " + std::string(why) +
                                            "; write NAME://host:port, as in PLAINTEXT://localhost:9092");
  };
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return bad("no listener name before ://");
  const std::string_view address = text.substr(scheme + 3);
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return bad("no port");
  ListenerSpec spec;
  for (const char c : text.substr(0, scheme)) spec.name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') != host.ends_with(']')) return bad("an unmatched bracket");
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  spec.host = std::string(host);
  const std::string_view port = address.substr(colon + 1);
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), spec.port);
  if (error != std::errc() || stop != port.data() + port.size()) return bad("the port is no number up to 65535");
  return spec;
}

}  // namespace

Result<Config> Config::from_properties(std::string_view text, std::string_view origin) {
  Config config;
  for (const Property& property : parse_properties(text)) {
    const std::size_t warnings = config.warnings_.size();
    const std::string place = std::string(origin) + ":" + std::to_string(property.line) + ": ";
    if (auto set = config.set(property.key, property.value); !set) {
      return fail(set.error().code, place + set.error().message);
    }
    if (config.warnings_.size() > warnings) config.warnings_.back().insert(0, place);
  }
  return config;
}

Result<void> Config::set(std::string_view name, std::string_view value) {
  const KeyInfo* key = find_key(name);
  if (key == nullptr) {
    if (has_known_prefix(name)) {
      warnings_.push_back("key " + std::string(name) + " has no effect yet");
    } else {
      warnings_.push_back(unknown_key_warning(name));
    }
    return {};
  }
  B_TRY(ConfigValue parsed, parse_value(*key, value));
  if (std::holds_alternative<std::monostate>(parsed)) {
    values_.erase(std::string(name));
    return {};
  }
  if (!key->effective && !values_.contains(name)) {
    warnings_.push_back("key " + std::string(name) + " has no effect yet");
  }
  values_[std::string(name)] = Entry{std::string(value), std::move(parsed)};
  return {};
}

Result<void> Config::set_assignment(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(Errc::invalid_argument, "'" + std::string(assignment) +
                                            "' is not of the form key=value; write it as in log.retention.ms=60000");
  }
  return set(assignment.substr(0, equals), assignment.substr(equals + 1));
}

Result<void> Config::validate() const {
  B_TRY_VOID(validate_listeners());
  B_TRY_VOID(validate_replication());
  B_TRY_VOID(validate_zookeeper());
  std::set<std::string> seen;
  for (const std::string& directory : data_directories()) {
    if (directory.empty()) return fail(Errc::invalid_argument, "log.dirs holds an empty name; name a directory");
    if (seen.insert(directory).second) continue;
    return fail(Errc::invalid_argument, "log.dirs names " + directory + " twice; name each directory once");
  }
  for (const std::string_view key : {"log.retention.ms", "log.retention.minutes", "log.retention.hours"}) {
    const auto retention = text(key);
    if (!retention) continue;
    if (std::get<std::int64_t>(parse_value(*find_key(key), *retention).value()) != 0) break;
    return fail(Errc::invalid_argument,
                std::string(key) + "=0: it must be -1, for ever, or at least 1; correct it, or remove it");
  }
  if (get(keys::group_min_session_timeout_ms) > get(keys::group_max_session_timeout_ms)) {
    return fail(Errc::invalid_argument,
                "group.min.session.timeout.ms is above group.max.session.timeout.ms; lower it, or raise the other");
  }
  if (get(keys::broker_id) < 0 && !get(keys::broker_id_generation_enable)) {
    return fail(Errc::invalid_argument,
                "broker.id is not set and broker.id.generation.enable is false; set broker.id to a number from 0");
  }
  if (get(keys::broker_id_generation_enable) && get(keys::broker_id) > get(keys::reserved_broker_max_id)) {
    return fail(Errc::invalid_argument,
                "broker.id is above reserved.broker.max.id, where ids are generated; lower it, raise "
                "reserved.broker.max.id, or set broker.id.generation.enable=false");
  }
  return {};
}

Result<void> Config::validate_listeners() const {
  B_TRY(const auto own, listeners());
  B_TRY(const auto advertised, advertised_listeners());
  for (const ListenerSpec& listener : own) {
    if (listener.security_protocol == "PLAINTEXT") continue;
    return fail(Errc::invalid_argument, "listeners: " + listener.name + " speaks " + listener.security_protocol +
                                            ", which is not served yet; use PLAINTEXT");
  }
  for (const ListenerSpec& listener : advertised) {
    if (std::ranges::find(own, listener.name, &ListenerSpec::name) == own.end()) {
      return fail(Errc::invalid_argument, "advertised.listeners names " + listener.name +
                                              ", which listeners does not; add it there, or remove it here");
    }
    if (listener.host.empty() || listener.host == "0.0.0.0") {
      return fail(Errc::invalid_argument, "advertised.listeners: " + listener.name +
                                              " has no host that clients can connect to; name this machine");
    }
  }
  return {};
}

Result<void> Config::validate_zookeeper() const {
  if (embedded_zookeeper()) return {};
  const std::string connect = get(keys::zookeeper_connect);
  const auto servers = zookeeper::parse_connect_string(connect);
  if (servers) return {};
  return fail(Errc::invalid_argument, "zookeeper.connect=" + connect + ": " + servers.error().message +
                                          "; write host:port,host:port/chroot, or embedded");
}

Result<void> Config::validate_replication() const {
  B_TRY(const auto own, listeners());
  const auto named = get(keys::inter_broker_listener_name);
  if (named && std::ranges::find(own, *named, &ListenerSpec::name) == own.end()) {
    return fail(Errc::invalid_argument, "inter.broker.listener.name is " + *named +
                                            ", which listeners does not name; add it there, or leave the key out");
  }
  const auto selector = get(keys::replica_selector_class);
  if (!selector || selector->empty() || reads_by_rack() || *selector == kLeaderSelector) return {};
  return fail(Errc::invalid_argument, "replica.selector.class is " + *selector + ", which is not built in; use " +
                                          std::string(kRackAwareSelector) + ", or leave the key out");
}

std::string Config::inter_broker_listener() const {
  const auto named = get(keys::inter_broker_listener_name);
  if (named) return *named;
  const auto own = listeners();
  const std::string protocol = get(keys::security_inter_broker_protocol);
  if (!own || std::ranges::find(*own, protocol, &ListenerSpec::name) != own->end()) return protocol;
  return own->front().name;
}

bool Config::reads_by_rack() const { return get(keys::replica_selector_class) == std::string(kRackAwareSelector); }

Result<std::vector<ListenerSpec>> Config::listeners() const {
  auto specs = parse_listeners("listeners", get(keys::listeners));
  if (specs && specs->empty()) {
    return fail(Errc::invalid_argument, "listeners is empty; write one, as in PLAINTEXT://:9092");
  }
  return specs;
}

Result<std::vector<ListenerSpec>> Config::advertised_listeners() const {
  const auto texts = get(keys::advertised_listeners);
  return parse_listeners("advertised.listeners", texts ? *texts : std::vector<std::string>());
}

Result<std::vector<ListenerSpec>> Config::parse_listeners(std::string_view key,
                                                          const std::vector<std::string>& texts) const {
  const auto protocols = get(keys::listener_security_protocol_map);
  std::vector<ListenerSpec> specs;
  for (const std::string& text : texts) {
    B_TRY(ListenerSpec spec, parse_listener(key, text));
    if (std::ranges::find(specs, spec.name, &ListenerSpec::name) != specs.end()) {
      return fail(Errc::invalid_argument, std::string(key) + " names " + spec.name + " twice; give one another name");
    }
    const auto mapped =
        std::ranges::find_if(protocols, [&](const std::string& entry) { return entry.starts_with(spec.name + ":"); });
    if (mapped == protocols.end()) {
      return fail(Errc::invalid_argument, std::string(key) + " names " + spec.name +
                                              ", which listener.security.protocol.map does not; add " + spec.name +
                                              ":PLAINTEXT there");
    }
    spec.security_protocol = mapped->substr(spec.name.size() + 1);
    specs.push_back(std::move(spec));
  }
  return specs;
}

std::vector<std::string> Config::data_directories() const {
  const auto directories = get(keys::log_dirs);
  if (directories && !directories->empty()) return *directories;
  return {get(keys::log_dir)};
}

std::int16_t Config::internal_replication_factor(Key<std::int16_t> key, std::size_t live_brokers) const {
  const std::int16_t wanted = get(key);
  if (is_set(key.info->name) || !embedded_zookeeper()) return wanted;
  return static_cast<std::int16_t>(std::clamp<std::size_t>(live_brokers, 1, static_cast<std::size_t>(wanted)));
}

const KeyInfo* find_key(std::string_view name) {
  for (const table::Section& section : table::kSections) {
    for (std::size_t i = 0; i < section.count; ++i) {
      if (section.keys[i].name == name) return &section.keys[i];
    }
  }
  const auto known = std::ranges::find(known_keys(), name, &KeyInfo::name);
  return known == known_keys().end() ? nullptr : &*known;
}

std::vector<const KeyInfo*> all_keys() {
  std::vector<const KeyInfo*> keys;
  for (const auto& [name, key] : build_index()) keys.push_back(key);
  return keys;
}

}  // namespace barnabas::metadata
