#include "core/metadata/znode_json.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace barnabas::metadata::znode {

namespace {

using Json = nlohmann::json;

// Payloads come from a shared store: nothing about them is taken for granted, and no exception may come out.
Result<Json> parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(Errc::corrupt, "not a JSON object");
  return json;
}

// Strings in it may come from clients and hold bytes that are no UTF-8: those become replacement characters.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <class T>
std::optional<T> as_integer(const Json& json) {
  if (!json.is_number_integer()) return std::nullopt;
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  const auto value = json.get<std::int64_t>();
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) return std::nullopt;
  return static_cast<T>(value);
}

template <class T>
std::optional<T> integer(const Json& json, const char* field) {
  const auto found = json.find(field);
  return found == json.end() ? std::nullopt : as_integer<T>(*found);
}

std::optional<std::string> text(const Json& json, const char* field) {
  const auto found = json.find(field);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::int64_t> number_in_text(const Json& json, const char* field) {
  const auto digits = text(json, field);
  if (!digits) return std::nullopt;
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(digits->data(), digits->data() + digits->size(), value);
  if (error != std::errc() || stop != digits->data() + digits->size()) return std::nullopt;
  return value;
}

std::unexpected<Error> missing(const char* field) {
  return fail(Errc::corrupt, std::string("the field ") + field + " is missing or not what it should be");
}

Json broker_list(const std::vector<BrokerId>& brokers) {
  Json list = Json::array();
  for (const BrokerId broker : brokers) list.push_back(broker.value());
  return list;
}

std::optional<std::vector<BrokerId>> as_broker_list(const Json& json) {
  if (!json.is_array()) return std::nullopt;
  std::vector<BrokerId> brokers;
  for (const Json& entry : json) {
    const auto id = as_integer<std::int32_t>(entry);
    if (!id) return std::nullopt;
    brokers.emplace_back(*id);
  }
  return brokers;
}

// Numbers of 64 bits, as text: JSON's are not exact everywhere.
Json number_list(const std::vector<std::uint64_t>& numbers) {
  Json list = Json::array();
  for (const std::uint64_t number : numbers) list.push_back(std::to_string(number));
  return list;
}

std::optional<std::uint64_t> as_number(const Json& json) {
  if (!json.is_string()) return std::nullopt;
  const auto& digits = json.get_ref<const std::string&>();
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// What is absent reads as `count` zeros, and what does not fit as well: it is of another writer.
std::vector<std::uint64_t> incarnations(const Json& json, const char* field, std::size_t count) {
  const std::vector<std::uint64_t> none(count, 0);
  const auto found = json.find(field);
  if (found == json.end() || !found->is_array() || found->size() != count) return none;
  std::vector<std::uint64_t> numbers;
  for (const Json& entry : *found) {
    const auto number = as_number(entry);
    if (!number) return none;
    numbers.push_back(*number);
  }
  return numbers;
}

std::string millis(Timestamp now) { return std::to_string(now.value()); }

// "NAME://host:port", where an IPv6 host stands in brackets.
std::optional<BrokerEndpoint> parse_endpoint(std::string_view text, const Json& protocols) {
  const std::size_t scheme = text.find("://");
  const std::size_t colon = text.rfind(':');
  if (scheme == std::string_view::npos || colon <= scheme + 2) return std::nullopt;
  BrokerEndpoint endpoint;
  endpoint.listener = std::string(text.substr(0, scheme));
  std::string_view host = text.substr(scheme + 3, colon - scheme - 3);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  endpoint.host = std::string(host);
  const std::string_view port = text.substr(colon + 1);
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc() || stop != port.data() + port.size()) return std::nullopt;
  const auto protocol = protocols.find(endpoint.listener);
  endpoint.security_protocol =
      protocol != protocols.end() && protocol->is_string() ? protocol->get<std::string>() : endpoint.listener;
  return endpoint;
}

std::string format_endpoint(const BrokerEndpoint& endpoint) {
  const bool ipv6 = endpoint.host.find(':') != std::string::npos;
  const std::string host = ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
  return endpoint.listener + "://" + host + ":" + std::to_string(endpoint.port);
}

// {"0":[1,2],...} into lists by partition index. The indexes must be 0 to n-1.
std::optional<std::vector<std::vector<BrokerId>>> by_partition(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  std::vector<std::vector<BrokerId>> lists(json.size());
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const auto found = json.find(std::to_string(i));
    if (found == json.end()) return std::nullopt;
    auto brokers = as_broker_list(*found);
    if (!brokers) return std::nullopt;
    lists[i] = std::move(*brokers);
  }
  return lists;
}

// The replicas being added or removed, for those partitions that have any.
bool read_changing(const Json& json, const char* field, TopicInfo& topic,
                   std::vector<BrokerId> PartitionInfo::* member) {
  const auto lists = json.find(field);
  if (lists == json.end()) return true;
  if (!lists->is_object()) return false;
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const auto found = lists->find(std::to_string(i));
    if (found == lists->end()) continue;
    auto brokers = as_broker_list(*found);
    if (!brokers) return false;
    topic.partitions[i].*member = std::move(*brokers);
  }
  return true;
}

}  // namespace

std::string broker_path(BrokerId id) { return std::string(kBrokerIds) + "/" + std::to_string(id.value()); }
std::string topic_path(std::string_view topic) { return std::string(kTopics) + "/" + std::string(topic); }
std::string partitions_path(std::string_view topic) { return topic_path(topic) + "/partitions"; }
std::string partition_path(std::string_view topic, std::size_t partition) {
  return partitions_path(topic) + "/" + std::to_string(partition);
}
std::string state_path(std::string_view topic, std::size_t partition) {
  return partition_path(topic, partition) + "/state";
}
std::string config_path(std::string_view entity) { return "/config/" + std::string(entity); }
std::string topic_config_path(std::string_view topic) { return std::string(kTopicConfigs) + "/" + std::string(topic); }
std::string delete_topic_path(std::string_view topic) { return std::string(kDeleteTopics) + "/" + std::string(topic); }

std::string encode_broker(const BrokerInfo& broker, Timestamp now) {
  Json protocols = Json::object();
  Json endpoints = Json::array();
  Json host = nullptr;
  std::int32_t port = -1;
  for (const BrokerEndpoint& endpoint : broker.endpoints) {
    protocols[endpoint.listener] = endpoint.security_protocol;
    endpoints.push_back(format_endpoint(endpoint));
    // For readers of the oldest versions, which know one plaintext address.
    if (port < 0 && endpoint.security_protocol == "PLAINTEXT") {
      host = endpoint.host;
      port = endpoint.port;
    }
  }
  Json json = {{"version", 5},
               {"host", host},
               {"port", port},
               {"jmx_port", -1},
               {"timestamp", millis(now)},
               {"endpoints", endpoints},
               {"listener_security_protocol_map", protocols},
               {"features", Json::object()}};
  if (broker.rack) json["rack"] = *broker.rack;
  if (broker.incarnation != 0) json["incarnation"] = std::to_string(broker.incarnation);
  return dump(json);
}

Result<BrokerInfo> decode_broker(BrokerId id, std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  BrokerInfo broker;
  broker.id = id;
  broker.rack = text(json, "rack");
  const auto incarnation = json.find("incarnation");
  if (incarnation != json.end()) broker.incarnation = as_number(*incarnation).value_or(0);
  const auto map = json.find("listener_security_protocol_map");
  const Json protocols = map != json.end() && map->is_object() ? *map : Json::object();
  const auto endpoints = json.find("endpoints");
  if (endpoints == json.end()) {  // Version 1.
    const auto host = text(json, "host");
    const auto port = integer<std::uint16_t>(json, "port");
    if (!host || !port) return missing("endpoints");
    broker.endpoints.push_back({"PLAINTEXT", "PLAINTEXT", *host, *port});
    return broker;
  }
  if (!endpoints->is_array()) return missing("endpoints");
  for (const Json& entry : *endpoints) {
    auto endpoint = entry.is_string() ? parse_endpoint(entry.get<std::string>(), protocols) : std::nullopt;
    if (!endpoint) return missing("endpoints");
    broker.endpoints.push_back(std::move(*endpoint));
  }
  return broker;
}

std::string encode_topic(const TopicInfo& topic) {
  Json partitions = Json::object();
  Json adding = Json::object();
  Json removing = Json::object();
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const PartitionInfo& partition = topic.partitions[i];
    const std::string index = std::to_string(i);
    partitions[index] = broker_list(partition.replicas);
    if (!partition.adding_replicas.empty()) adding[index] = broker_list(partition.adding_replicas);
    if (!partition.removing_replicas.empty()) removing[index] = broker_list(partition.removing_replicas);
  }
  return dump({{"version", 3},
               {"topic_id", topic.id.to_string()},
               {"partitions", partitions},
               {"adding_replicas", adding},
               {"removing_replicas", removing}});
}

Result<TopicInfo> decode_topic(std::string_view name, std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  TopicInfo topic;
  topic.name = std::string(name);
  if (const auto id = text(json, "topic_id")) {
    const auto uuid = Uuid::parse(*id);
    if (!uuid) return missing("topic_id");
    topic.id = *uuid;
  }
  const auto found = json.find("partitions");
  auto replicas = found != json.end() ? by_partition(*found) : std::nullopt;
  if (!replicas) return missing("partitions");
  for (auto& brokers : *replicas) {
    PartitionInfo& partition = topic.partitions.emplace_back();
    partition.replicas = std::move(brokers);
  }
  if (!read_changing(json, "adding_replicas", topic, &PartitionInfo::adding_replicas)) {
    return missing("adding_replicas");
  }
  if (!read_changing(json, "removing_replicas", topic, &PartitionInfo::removing_replicas)) {
    return missing("removing_replicas");
  }
  return topic;
}

std::string encode_state(const PartitionState& state) {
  Json json = {{"version", 1},
               {"leader", state.leader.value()},
               {"leader_epoch", state.leader_epoch.value()},
               {"controller_epoch", state.controller_epoch},
               {"isr", broker_list(state.isr)}};
  // Only where they say something, so that a cluster of Apache's brokers finds nothing new.
  const auto says = [](const std::vector<std::uint64_t>& numbers) {
    return std::ranges::any_of(numbers, [](std::uint64_t number) { return number != 0; });
  };
  if (says(state.isr_incarnations)) json["isr_incarnations"] = number_list(state.isr_incarnations);
  if (!state.eligible.empty()) json["eligible"] = broker_list(state.eligible);
  if (says(state.eligible_incarnations)) json["eligible_incarnations"] = number_list(state.eligible_incarnations);
  return dump(json);
}

Result<PartitionState> decode_state(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  const auto leader = integer<std::int32_t>(json, "leader");
  const auto leader_epoch = integer<std::int32_t>(json, "leader_epoch");
  const auto controller_epoch = integer<std::int32_t>(json, "controller_epoch");
  const auto found = json.find("isr");
  auto isr = found != json.end() ? as_broker_list(*found) : std::nullopt;
  if (!leader) return missing("leader");
  if (!leader_epoch) return missing("leader_epoch");
  if (!controller_epoch) return missing("controller_epoch");
  if (!isr) return missing("isr");
  PartitionState state;
  state.leader = BrokerId(*leader);
  state.leader_epoch = LeaderEpoch(*leader_epoch);
  state.isr = std::move(*isr);
  state.controller_epoch = *controller_epoch;
  state.isr_incarnations = incarnations(json, "isr_incarnations", state.isr.size());
  const auto eligible = json.find("eligible");
  if (eligible != json.end()) state.eligible = as_broker_list(*eligible).value_or(std::vector<BrokerId>());
  state.eligible_incarnations = incarnations(json, "eligible_incarnations", state.eligible.size());
  return state;
}

std::string encode_config(const std::map<std::string, std::string>& config) {
  Json entries = Json::object();
  for (const auto& [key, value] : config) entries[key] = value;
  return dump({{"version", 1}, {"config", entries}});
}

Result<std::map<std::string, std::string>> decode_config(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  const auto entries = json.find("config");
  if (entries == json.end() || !entries->is_object()) return missing("config");
  std::map<std::string, std::string> config;
  for (const auto& [key, value] : entries->items()) {
    if (!value.is_string()) return missing("config");
    config[key] = value.get<std::string>();
  }
  return config;
}

std::string encode_config_change(std::string_view entity_path) {
  return dump({{"version", 2}, {"entity_path", std::string(entity_path)}});
}

Result<std::string> decode_config_change(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  auto path = text(json, "entity_path");
  if (path) return std::move(*path);
  // Version 1, of brokers before 0.11.
  const auto type = text(json, "entity_type");
  const auto name = text(json, "entity_name");
  if (!type || !name) return missing("entity_path");
  return *type + "/" + *name;
}

namespace {

std::optional<TopicPartition> as_partition(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto topic = text(json, "topic");
  const auto partition = integer<std::int32_t>(json, "partition");
  if (!topic || !partition) return std::nullopt;
  return TopicPartition{*topic, PartitionId(*partition)};
}

}  // namespace

Result<std::map<TopicPartition, std::vector<BrokerId>>> decode_reassignment(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  const auto list = json.find("partitions");
  if (list == json.end() || !list->is_array()) return missing("partitions");
  std::map<TopicPartition, std::vector<BrokerId>> wanted;
  for (const Json& entry : *list) {
    const auto id = as_partition(entry);
    const auto replicas = id ? entry.find("replicas") : entry.end();
    auto brokers = id && replicas != entry.end() ? as_broker_list(*replicas) : std::nullopt;
    if (!brokers) return missing("partitions");
    wanted[*id] = std::move(*brokers);
  }
  return wanted;
}

Result<std::vector<TopicPartition>> decode_partitions(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  const auto list = json.find("partitions");
  if (list == json.end() || !list->is_array()) return missing("partitions");
  std::vector<TopicPartition> partitions;
  for (const Json& entry : *list) {
    auto id = as_partition(entry);
    if (!id) return missing("partitions");
    partitions.push_back(std::move(*id));
  }
  return partitions;
}

std::string encode_incarnations(const Incarnations& incarnations) {
  Json list = Json::object();
  for (const auto& [id, incarnation] : incarnations) list[std::to_string(id.value())] = std::to_string(incarnation);
  return dump({{"version", 1}, {"incarnations", std::move(list)}});
}

Result<Incarnations> decode_incarnations(std::string_view bytes) {
  Incarnations incarnations;
  if (bytes.empty()) return incarnations;
  B_TRY(const Json json, parse(bytes));
  const auto list = json.find("incarnations");
  if (list == json.end() || !list->is_object()) return missing("incarnations");
  for (const auto& [name, value] : list->items()) {
    std::int32_t id = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    const auto incarnation = as_number(value);
    if (error != std::errc() || stop != name.data() + name.size() || !incarnation) return missing("incarnations");
    incarnations[BrokerId(id)] = *incarnation;
  }
  return incarnations;
}

Result<BrokerId> decode_log_dir_event(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  const auto id = integer<std::int32_t>(json, "broker");
  if (!id) return missing("broker");
  return BrokerId(*id);
}

std::string encode_controller(BrokerId broker, Timestamp now) {
  return dump({{"version", 2}, {"brokerid", broker.value()}, {"timestamp", millis(now)}, {"kraftControllerEpoch", -1}});
}

Result<BrokerId> decode_controller(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  const auto id = integer<std::int32_t>(json, "brokerid");
  if (!id) return missing("brokerid");
  return BrokerId(*id);
}

std::string encode_cluster_id(std::string_view id) { return dump({{"version", "1"}, {"id", std::string(id)}}); }

Result<std::string> decode_cluster_id(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  auto id = text(json, "id");
  if (!id || id->empty()) return missing("id");
  return std::move(*id);
}

std::string encode_producer_id_block(BrokerId broker, ProducerIdBlock block) {
  return dump({{"version", 1},
               {"broker", broker.value()},
               {"block_start", std::to_string(block.first.value())},
               {"block_end", std::to_string(block.first.value() + block.count - 1)}});
}

Result<ProducerIdBlock> decode_producer_id_block(std::string_view bytes) {
  B_TRY(const Json json, parse(bytes));
  const auto first = number_in_text(json, "block_start");
  const auto last = number_in_text(json, "block_end");
  if (!first || *first < 0) return missing("block_start");
  if (!last || *last < *first || *last - *first >= std::numeric_limits<std::int32_t>::max()) {
    return missing("block_end");
  }
  return ProducerIdBlock{ProducerId(*first), static_cast<std::int32_t>(*last - *first + 1)};
}

}  // namespace barnabas::metadata::znode
