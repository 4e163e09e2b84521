#include "core/metadata/topic_definitions.hpp"

#include <charconv>

#include "core/async/gather.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::metadata {
namespace {

// Topics that are read at the same time.
constexpr std::int64_t kAtOnce = 64;

std::unexpected<Error> at_path(std::string_view path, const Error& error) {
  return fail(error.code, "znode " + std::string(path) + ": " + error.message);
}

// Nothing when the znode is missing or holds null.
Task<Result<std::optional<std::string>>> read_text(zookeeper::Client& client, std::string path) {
  const auto node = co_await client.get(std::move(path));
  if (!node && node.error().code != Errc::not_found) co_return std::unexpected(node.error());
  if (!node || !node->data) co_return std::optional<std::string>();
  co_return std::optional<std::string>(as_text(node->data->view()));
}

Task<Result<void>> load_into(zookeeper::Client& client, std::string name, std::map<std::string, TopicInfo>& topics) {
  std::string topic = name;
  B_CO_TRY(std::optional<TopicInfo> found, co_await load_topic_definition(client, std::move(topic)));
  if (found) topics.insert_or_assign(std::move(name), *std::move(found));
  co_return Result<void>();
}

}  // namespace

Task<Result<std::map<std::string, std::string>>> load_topic_overrides(zookeeper::Client& client, std::string topic) {
  const std::string path = znode::topic_config_path(topic);
  B_CO_TRY(const auto text, co_await read_text(client, path));
  if (!text) co_return std::map<std::string, std::string>();
  auto config = znode::decode_config(*text);
  if (!config) co_return at_path(path, config.error());
  co_return config;
}

Task<Result<std::optional<TopicInfo>>> load_topic_definition(zookeeper::Client& client, std::string topic) {
  const std::string path = znode::topic_path(topic);
  B_CO_TRY(const auto text, co_await read_text(client, path));
  if (!text) co_return std::optional<TopicInfo>();
  auto info = znode::decode_topic(topic, *text);
  if (!info) co_return at_path(path, info.error());
  B_CO_TRY(info->config, co_await load_topic_overrides(client, std::move(topic)));
  co_return std::optional<TopicInfo>(*std::move(info));
}

Task<Result<std::map<std::string, TopicInfo>>> load_topic_definitions(env::Env env, zookeeper::Client& client) {
  std::string path(znode::kTopics);
  B_CO_TRY(const auto names, co_await client.children(std::move(path)));
  std::map<std::string, TopicInfo> topics;
  std::vector<Task<Result<void>>> work;
  for (const std::string& name : names.names) work.push_back(load_into(client, name, topics));
  B_CO_TRY_VOID(co_await gather(env.executor, std::move(work), kAtOnce));
  co_return topics;
}

Task<Result<std::optional<BrokerInfo>>> load_broker(zookeeper::Client& client, BrokerId id) {
  const std::string path = znode::broker_path(id);
  const auto node = co_await client.get(path);
  if (!node && node.error().code != Errc::not_found) co_return std::unexpected(node.error());
  if (!node || !node->data) co_return std::optional<BrokerInfo>();
  auto broker = znode::decode_broker(id, as_text(node->data->view()));
  if (!broker) co_return at_path(path, broker.error());
  broker->epoch = node->stat.czxid.value();
  co_return std::optional<BrokerInfo>(*std::move(broker));
}

Task<Result<std::map<BrokerId, BrokerInfo>>> load_brokers(zookeeper::Client& client) {
  std::string path(znode::kBrokerIds);
  B_CO_TRY(const auto ids, co_await client.children(std::move(path)));
  std::map<BrokerId, BrokerInfo> brokers;
  for (const std::string& name : ids.names) {
    std::int32_t id = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || stop != name.data() + name.size()) continue;
    B_CO_TRY(std::optional<BrokerInfo> broker, co_await load_broker(client, BrokerId(id)));
    if (broker) brokers.insert_or_assign(BrokerId(id), *std::move(broker));
  }
  co_return brokers;
}

}  // namespace barnabas::metadata
