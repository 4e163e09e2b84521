// Creation and configuration of topics: the writes of TopicStore that take several znodes.
#include "core/metadata/topic_store.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::metadata {

namespace {

using zookeeper::CheckOp;
using zookeeper::CreateMode;
using zookeeper::CreateOp;
using zookeeper::Data;
using zookeeper::kAnyVersion;
using zookeeper::Op;
using zookeeper::SetOp;

constexpr int kMaxRaces = 20;

Data data_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

std::unexpected<Error> fenced(const Controllership& controllership) {
  return fail(Errc::bad_version, "broker " + std::to_string(controllership.controller.value()) +
                                     " is no longer the controller of epoch " + std::to_string(controllership.epoch));
}

Result<void> check(const NewTopic& topic) {
  if (const auto name = validate_topic_name(topic.name); !name) {
    return fail(Errc::invalid_argument, name.error().message);
  }
  if (topic.assignment.empty() || topic.assignment.size() > static_cast<std::size_t>(kMaxPartitionsPerTopic)) {
    return fail(Errc::invalid_argument, "topic " + topic.name + ": no or too many partitions");
  }
  for (const auto& replicas : topic.assignment) {
    if (replicas.empty()) return fail(Errc::invalid_argument, "topic " + topic.name + ": a partition without replicas");
  }
  if (topic.id.is_zero()) return fail(Errc::invalid_argument, "topic " + topic.name + ": no id");
  return {};
}

void append_first_states(Assignment assignment, const Controllership& controllership, TopicInfo& topic) {
  for (auto& replicas : assignment) {
    PartitionInfo& partition = topic.partitions.emplace_back();
    partition.leader = replicas.front();
    partition.controller_epoch = controllership.epoch;
    partition.isr = replicas;
    partition.replicas = std::move(replicas);
  }
}

void create_partitions(const TopicInfo& topic, std::vector<Op>& ops) {
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const PartitionInfo& partition = topic.partitions[i];
    PartitionState state;
    state.leader = partition.leader;
    state.leader_epoch = partition.leader_epoch;
    state.isr = partition.isr;
    state.controller_epoch = partition.controller_epoch;
    ops.push_back(CreateOp{znode::partition_path(topic.name, i), std::nullopt, {}});
    ops.push_back(CreateOp{znode::state_path(topic.name, i), data_of(znode::encode_state(state)), {}});
  }
}

// What creates the topic, after the fence. The first is its config, the second the topic itself.
std::vector<Op> creation(const TopicInfo& topic, bool config_exists) {
  std::vector<Op> ops;
  const std::string config_path = znode::topic_config_path(topic.name);
  Data config = data_of(znode::encode_config(topic.config));
  if (config_exists) {
    ops.push_back(SetOp{config_path, std::move(config), kAnyVersion});
  } else {
    ops.push_back(CreateOp{config_path, std::move(config), {}});
  }
  ops.push_back(CreateOp{znode::topic_path(topic.name), data_of(znode::encode_topic(topic)), {}});
  ops.push_back(CreateOp{znode::partitions_path(topic.name), std::nullopt, {}});
  create_partitions(topic, ops);
  return ops;
}

}  // namespace

Task<Result<TopicInfo>> TopicStore::create_topic(NewTopic topic, Controllership controllership) {
  B_CO_TRY_VOID(check(topic));
  TopicInfo info{std::move(topic.name), topic.id, {}, std::move(topic.config)};
  append_first_states(std::move(topic.assignment), controllership, info);
  const std::string config_path = znode::topic_config_path(info.name);
  for (int race = 0; race < kMaxRaces; ++race) {
    // A config without its topic is left when a Kafka broker died between the two.
    B_CO_TRY(const auto config, co_await client_.exists(config_path));
    std::vector<Op> ops = creation(info, config.has_value());
    ops.insert(ops.begin(), CheckOp{std::string(znode::kControllerEpoch), controllership.epoch_version});
    B_CO_TRY(const auto result, co_await client_.multi(std::move(ops)));
    if (result.applied()) co_return info;
    const std::size_t failed = *result.failed();
    if (failed == 0) co_return fenced(controllership);
    if (failed == 1) continue;  // The config came or went meanwhile.
    if (failed == 2) co_return fail(Errc::already_exists, "Topic '" + info.name + "' already exists.");
    co_return std::unexpected(result.outcome().error());
  }
  co_return fail(Errc::timed_out, "creating topic " + info.name + ": its config keeps changing");
}

Task<Result<void>> TopicStore::propose_topic(NewTopic topic) {
  B_CO_TRY_VOID(check(topic));
  TopicInfo info{std::move(topic.name), topic.id, {}, std::move(topic.config)};
  for (auto& replicas : topic.assignment) info.partitions.emplace_back().replicas = std::move(replicas);
  const std::string path = znode::topic_path(info.name);
  B_CO_TRY(const auto present, co_await client_.exists(path));
  if (present) co_return fail(Errc::already_exists, "Topic '" + info.name + "' already exists.");
  // First what the topic is read with, as Kafka does.
  const std::string config_path = znode::topic_config_path(info.name);
  const Data config = data_of(znode::encode_config(info.config));
  auto written = co_await client_.set(config_path, config, kAnyVersion);
  if (!written && written.error().code == Errc::not_found) {
    const auto made = co_await client_.create(config_path, config, CreateMode::persistent);
    if (!made && made.error().code != Errc::already_exists) co_return std::unexpected(made.error());
  } else if (!written) {
    co_return std::unexpected(std::move(written).error());
  }
  Data data = data_of(znode::encode_topic(info));
  const auto made = co_await client_.create(path, std::move(data), CreateMode::persistent);
  if (made) co_return Result<void>();
  if (made.error().code == Errc::already_exists) {
    co_return fail(Errc::already_exists, "Topic '" + info.name + "' already exists.");
  }
  co_return std::unexpected(made.error());
}

Task<Result<void>> TopicStore::set_topic_config(std::string name, std::map<std::string, std::string> config) {
  const std::string topic_path = znode::topic_path(name);
  B_CO_TRY(const auto topic, co_await client_.exists(topic_path));
  if (!topic) co_return fail(Errc::not_found, "topic " + name + " does not exist");
  std::string entity = "topics/" + name;
  co_return co_await write_config(std::move(entity), std::move(config));
}

namespace {

std::string entity_of(const std::optional<BrokerId>& broker) {
  return "brokers/" + (broker ? std::to_string(broker->value()) : "<default>");
}

}  // namespace

Task<Result<std::map<std::string, std::string>>> TopicStore::load_broker_config(std::optional<BrokerId> broker) {
  const std::string path = znode::config_path(entity_of(broker));
  B_CO_TRY(const auto text, co_await read_text(path));
  if (!text) co_return std::map<std::string, std::string>();
  auto config = znode::decode_config(*text);
  if (!config) co_return fail(config.error().code, "znode " + path + ": " + config.error().message);
  co_return config;
}

Task<Result<void>> TopicStore::set_broker_config(std::optional<BrokerId> broker,
                                                 std::map<std::string, std::string> config) {
  std::string entity = entity_of(broker);
  co_return co_await write_config(std::move(entity), std::move(config));
}

Task<Result<void>> TopicStore::write_config(std::string entity, std::map<std::string, std::string> config) {
  const std::string path = znode::config_path(entity);
  const Data data = data_of(znode::encode_config(config));
  auto written = co_await client_.set(path, data, kAnyVersion);
  if (!written && written.error().code == Errc::not_found) {
    const auto made = co_await client_.create(path, data, CreateMode::persistent);
    if (!made) co_return std::unexpected(made.error());
  } else if (!written) {
    co_return std::unexpected(std::move(written).error());
  }
  std::string notification = std::string(znode::kConfigChanges) + "/config_change_";
  Data change = data_of(znode::encode_config_change(entity));
  const auto told = co_await client_.create(std::move(notification), std::move(change), CreateMode::sequential);
  if (!told) co_return std::unexpected(told.error());
  co_return Result<void>();
}

}  // namespace barnabas::metadata
