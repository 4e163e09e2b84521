#include "sim/oracle/znode_mirror.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

namespace barnabas::sim {

namespace zk = zookeeper;
using Json = nlohmann::json;

namespace {

constexpr std::string_view kTopics = "/brokers/topics/";
constexpr std::string_view kBrokers = "/brokers/ids/";
constexpr std::string_view kTopicConfigs = "/config/topics/";

std::string_view text_of(const zk::Data& data) { return data ? as_text(data->view()) : std::string_view(); }

std::optional<std::int32_t> number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::int32_t> ids_of(const Json& json, const char* key) {
  std::vector<std::int32_t> ids;
  if (!json.contains(key)) return ids;
  for (const Json& id : json[key]) ids.push_back(id.get<std::int32_t>());
  return ids;
}

TopicZnode read_topic(std::string_view text) {
  TopicZnode topic;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return topic;
  topic.id = json.value("topic_id", "");
  if (json.contains("partitions")) {
    for (const auto& [name, ids] : json["partitions"].items()) {
      if (const auto index = number(name)) topic.replicas[*index] = ids.get<std::vector<std::int32_t>>();
    }
  }
  for (const char* key : {"adding_replicas", "removing_replicas"}) {
    if (!json.contains(key)) continue;
    for (const auto& [name, ids] : json[key].items()) topic.reassigning = topic.reassigning || !ids.empty();
  }
  return topic;
}

std::map<std::string, std::string> read_config(std::string_view text) {
  std::map<std::string, std::string> config;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("config")) return config;
  for (const auto& [name, value] : json["config"].items()) {
    if (value.is_string()) config[name] = value.get<std::string>();
  }
  return config;
}

// What is asked of a controller by a znode that it removes when it is done.
bool is_request(std::string_view path) {
  return path.starts_with("/admin/delete_topics/") || path == "/admin/reassign_partitions" ||
         path == "/admin/preferred_replica_election";
}

}  // namespace

bool StateZnode::in_isr(std::int32_t broker) const { return std::ranges::find(isr, broker) != isr.end(); }

std::string StateZnode::incarnation_of(std::int32_t broker) const {
  const auto at = static_cast<std::size_t>(std::ranges::find(isr, broker) - isr.begin());
  return at < incarnations.size() ? incarnations[at] : "";
}

std::optional<TopicPartition> partition_of_state_path(std::string_view path) {
  constexpr std::string_view kMiddle = "/partitions/";
  constexpr std::string_view kEnd = "/state";
  if (!path.starts_with(kTopics) || !path.ends_with(kEnd)) return std::nullopt;
  path.remove_prefix(kTopics.size());
  path.remove_suffix(kEnd.size());
  const std::size_t middle = path.find(kMiddle);
  if (middle == std::string_view::npos) return std::nullopt;
  const auto index = number(path.substr(middle + kMiddle.size()));
  if (!index) return std::nullopt;
  return TopicPartition{std::string(path.substr(0, middle)), PartitionId(*index)};
}

std::optional<StateZnode> read_state(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  StateZnode state;
  state.leader = json.value("leader", -1);
  state.leader_epoch = json.value("leader_epoch", -1);
  state.controller_epoch = json.value("controller_epoch", -1);
  state.isr = ids_of(json, "isr");
  state.eligible = ids_of(json, "eligible");
  if (json.contains("isr_incarnations")) {
    for (const Json& one : json["isr_incarnations"]) {
      state.incarnations.push_back(one.is_string() ? one.get<std::string>() : one.dump());
    }
  }
  return state;
}

const StateZnode* ZnodeMirror::state(const TopicPartition& partition) const {
  const auto found = states_.find(partition);
  return found == states_.end() ? nullptr : &found->second;
}

const TopicZnode* ZnodeMirror::topic(const std::string& name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

std::vector<std::int32_t> ZnodeMirror::replicas(const TopicPartition& partition) const {
  const TopicZnode* found = topic(partition.topic);
  if (found == nullptr) return {};
  const auto replicas = found->replicas.find(partition.partition.value());
  return replicas == found->replicas.end() ? std::vector<std::int32_t>() : replicas->second;
}

std::string ZnodeMirror::pending() const {
  if (!pending_.empty()) return pending_.begin()->first;
  for (const auto& [name, topic] : topics_) {
    if (topic.reassigning) return "a reassignment of topic " + name;
  }
  return "";
}

std::optional<std::string> ZnodeMirror::topic_config(const std::string& topic, const std::string& key) const {
  const auto config = topic_configs_.find(topic);
  if (config == topic_configs_.end()) return std::nullopt;
  const auto value = config->second.find(key);
  return value == config->second.end() ? std::nullopt : std::optional(value->second);
}

void ZnodeMirror::set(const std::string& path, const zk::Data& data, const zk::Transaction& transaction,
                      zk::SessionId owner, bool created) {
  const std::string_view name(path);
  if (const auto partition = partition_of_state_path(path)) {
    if (auto state = read_state(text_of(data))) {
      const StateZnode* before = this->state(*partition);
      state->version = created || before == nullptr ? 0 : before->version + 1;
      states_[*partition] = *std::move(state);
    }
  } else if (name.starts_with(kTopics) && name.find('/', kTopics.size()) == std::string_view::npos) {
    const std::string topic = path.substr(kTopics.size());
    topics_[topic] = read_topic(text_of(data));
    if (created) made_[topic] = transaction.zxid;
    if (topics_[topic].reassigning) ++config_changes_[topic];
  } else if (name.starts_with(kBrokers)) {
    if (const auto id = number(name.substr(kBrokers.size()))) {
      BrokerZnode& broker = brokers_[*id];
      if (created) broker = {transaction.zxid.value(), owner};
    }
  } else if (name.starts_with(kTopicConfigs)) {
    const std::string topic = path.substr(kTopicConfigs.size());
    const bool with_topic = created && (!topics_.contains(topic) || made_[topic] == transaction.zxid);
    if (!with_topic) ++config_changes_[topic];
    topic_configs_[topic] = read_config(text_of(data));
  } else if (path == "/controller") {
    const Json json = Json::parse(text_of(data), nullptr, false);
    controller_ = json.is_object() ? json.value("brokerid", -1) : -1;
  } else if (path == "/controller_epoch") {
    controller_epoch_ = number(text_of(data)).value_or(0);
  } else if (is_request(path)) {
    pending_[path] = true;
  }
}

void ZnodeMirror::remove(const std::string& path) {
  const std::string_view name(path);
  if (const auto partition = partition_of_state_path(path)) {
    states_.erase(*partition);
  } else if (name.starts_with(kTopics) && name.find('/', kTopics.size()) == std::string_view::npos) {
    topics_.erase(path.substr(kTopics.size()));
  } else if (name.starts_with(kBrokers)) {
    if (const auto id = number(name.substr(kBrokers.size()))) brokers_.erase(*id);
  } else if (name.starts_with(kTopicConfigs)) {
    topic_configs_.erase(path.substr(kTopicConfigs.size()));
    config_changes_.erase(path.substr(kTopicConfigs.size()));
  } else if (path == "/controller") {
    controller_ = -1;
  } else {
    pending_.erase(path);
  }
}

void ZnodeMirror::apply(const zk::Transaction& transaction, const zk::Change& change) {
  if (const auto* create = std::get_if<zk::CreateChange>(&change)) {
    set(create->path, create->data, transaction, create->ephemeral_owner, true);
  } else if (const auto* write = std::get_if<zk::SetChange>(&change)) {
    set(write->path, write->data, transaction, zk::kNoSession, false);
  } else if (const auto* removed = std::get_if<zk::RemoveChange>(&change)) {
    remove(removed->path);
  }
}

}  // namespace barnabas::sim
