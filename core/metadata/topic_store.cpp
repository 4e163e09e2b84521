#include "core/metadata/topic_store.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/mutant.hpp"
#include "core/metadata/znode_json.hpp"
#include "core/zookeeper/path.hpp"

namespace barnabas::metadata {

namespace {

using zookeeper::CheckOp;
using zookeeper::CreateMode;
using zookeeper::CreateOp;
using zookeeper::Data;
using zookeeper::kAnyVersion;
using zookeeper::Op;
using zookeeper::SetOp;

// How often something is tried anew because another broker came first.
constexpr int kMaxRaces = 20;

// In the order in which Kafka's brokers create them.
constexpr std::string_view kLayout[] = {"/consumers",
                                        "/brokers/ids",
                                        "/brokers/topics",
                                        "/config/changes",
                                        "/admin/delete_topics",
                                        "/brokers/seqid",
                                        "/isr_change_notification",
                                        "/latest_producer_id_block",
                                        "/log_dir_event_notification",
                                        "/config/topics",
                                        "/config/clients",
                                        "/config/users",
                                        "/config/brokers",
                                        "/config/ips",
                                        znode::kIncarnations};

Data data_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

std::unexpected<Error> lost_every_race(std::string_view what) {
  return fail(Errc::timed_out, std::string(what) + ": others were faster " + std::to_string(kMaxRaces) + " times");
}

std::unexpected<Error> at_path(std::string_view path, const Error& error) {
  return fail(error.code, "znode " + std::string(path) + ": " + error.message);
}

Op fence(const Controllership& controllership) {
  return CheckOp{std::string(znode::kControllerEpoch), controllership.epoch_version};
}

std::unexpected<Error> fenced(const Controllership& controllership) {
  return fail(Errc::bad_version, "broker " + std::to_string(controllership.controller.value()) +
                                     " is no longer the controller of epoch " + std::to_string(controllership.epoch));
}

}  // namespace

Task<Result<void>> TopicStore::create_layout() {
  std::vector<CreateOp> wanted;
  for (const std::string_view path : kLayout) wanted.push_back({std::string(path), std::nullopt, {}});
  co_return co_await create_missing(std::move(wanted));
}

// Creates those znodes that are missing, and their missing parents with null, in one step: looking first is cheap,
// and one step is one sync of the embedded server's disk.
Task<Result<void>> TopicStore::create_missing(std::vector<CreateOp> wanted) {
  for (int race = 0; race < kMaxRaces; ++race) {
    std::vector<Op> missing;
    for (const CreateOp& op : wanted) {
      for (std::size_t slash = 1; slash <= op.path.size(); ++slash) {
        if (slash < op.path.size() && op.path[slash] != '/') continue;
        const std::string path = op.path.substr(0, slash);
        if (std::ranges::any_of(missing, [&](const Op& made) { return path_of(made) == path; })) continue;
        B_CO_TRY(const auto stat, co_await client_.exists(path));
        if (!stat) missing.push_back(CreateOp{path, slash == op.path.size() ? op.data : std::nullopt, op.mode});
      }
    }
    if (missing.empty()) co_return Result<void>();
    B_CO_TRY(const auto result, co_await client_.multi(std::move(missing)));
    if (result.applied()) co_return Result<void>();
    const auto outcome = result.outcome();
    if (outcome.error().code != Errc::already_exists) co_return outcome;
  }
  co_return lost_every_race("creating the ZooKeeper layout");
}

Task<Result<std::string>> TopicStore::ensure_cluster_id(std::string candidate) {
  const std::string path(znode::kClusterId);
  for (int race = 0; race < kMaxRaces; ++race) {
    B_CO_TRY(const auto text, co_await read_text(path));
    if (text) {
      auto id = znode::decode_cluster_id(*text);
      if (!id) co_return at_path(path, id.error());
      co_return id;
    }
    std::vector<CreateOp> wanted;
    wanted.push_back({path, data_of(znode::encode_cluster_id(candidate)), {}});
    B_CO_TRY_VOID(co_await create_missing(std::move(wanted)));
  }
  co_return lost_every_race("reading the cluster id");
}

Task<Result<BrokerId>> TopicStore::generate_broker_id(std::int32_t reserved_max) {
  std::string path(znode::kBrokerSequence);
  Data empty = Buffer();
  B_CO_TRY(const auto stat, co_await client_.set(std::move(path), std::move(empty), kAnyVersion));
  co_return BrokerId(reserved_max + stat.version);
}

Task<Result<std::int64_t>> TopicStore::register_broker(BrokerInfo broker, Timestamp now,
                                                       zookeeper::SessionId former) {
  const std::string path = znode::broker_path(broker.id);
  const Data data = data_of(znode::encode_broker(broker, now));
  for (int race = 0; race < kMaxRaces; ++race) {
    std::vector<Op> ops;
    ops.push_back(CreateOp{path, std::nullopt, CreateMode::ephemeral});
    ops.push_back(SetOp{path, data, 0});
    const auto noted = co_await note_incarnation(broker, ops);
    if (!noted && noted.error().code == Errc::closed) continue;
    if (!noted) co_return std::unexpected(noted.error());
    const auto result = co_await client_.multi(std::move(ops));
    if (!result && result.error().code != Errc::closed) co_return std::unexpected(result.error());
    if (result && result->applied()) co_return result->results[1].stat.czxid.value();
    if (result) {
      const auto outcome = result->outcome();
      if (outcome.error().code == Errc::bad_version) continue;  // Another broker was faster to note its incarnation.
      if (outcome.error().code != Errc::already_exists) co_return std::unexpected(outcome.error());
    }
    // There is one, or the answer was lost: whose it is tells.
    const auto node = co_await client_.get(path);
    if (!node && (node.error().code == Errc::not_found || node.error().code == Errc::closed)) continue;
    if (!node) co_return std::unexpected(node.error());
    if (BARNABAS_MUTANT(node_exists_is_success)) co_return node->stat.czxid.value();
    const zookeeper::SessionId owner = node->stat.ephemeral_owner;
    const bool mine = owner == client_.session();
    if (mine && node->data && std::ranges::equal(node->data->view(), data->view())) {
      co_return node->stat.czxid.value();
    }
    if (!mine && (former == zookeeper::kNoSession || owner != former)) {
      co_return fail(Errc::already_exists, "broker.id=" + std::to_string(broker.id.value()) +
                                               ": a live broker of this cluster has this id; stop it, or set "
                                               "broker.id to another number");
    }
    const auto removed = co_await client_.remove(path, kAnyVersion);
    const bool again = removed || removed.error().code == Errc::not_found || removed.error().code == Errc::closed;
    if (!again) co_return std::unexpected(removed.error());
  }
  co_return lost_every_race("registering broker " + std::to_string(broker.id.value()));
}

// In one step with the registration: a controller that has not heard of it cannot write any more what it decided
// before.
Task<Result<void>> TopicStore::note_incarnation(const BrokerInfo& broker, std::vector<Op>& ops) {
  if (broker.incarnation == 0) co_return Result<void>();
  const std::string path(znode::kIncarnations);
  const auto node = co_await client_.get(path);
  if (!node && node.error().code == Errc::not_found) co_return Result<void>();  // No controller looks there, then.
  if (!node) co_return std::unexpected(node.error());
  auto noted = znode::decode_incarnations(node->data ? as_text(node->data->view()) : std::string_view());
  if (!noted) co_return fail(Errc::corrupt, "znode " + path + ": " + noted.error().message + "; empty it");
  std::uint64_t& incarnation = (*noted)[broker.id];
  if (incarnation == broker.incarnation) co_return Result<void>();
  incarnation = broker.incarnation;
  ops.push_back(SetOp{path, data_of(znode::encode_incarnations(*noted)), node->stat.version});
  co_return Result<void>();
}

Task<Result<std::optional<Controllership>>> TopicStore::present_controller() {
  const std::string path(znode::kController);
  B_CO_TRY(const auto text, co_await read_text(path));
  if (!text) co_return std::optional<Controllership>();
  const auto controller = znode::decode_controller(*text);
  if (!controller) co_return at_path(path, controller.error());
  B_CO_TRY(auto epoch, co_await read_controller_epoch());
  epoch.controller = *controller;
  co_return std::optional<Controllership>(epoch);
}

Task<Result<Controllership>> TopicStore::read_controller_epoch() {
  const std::string path(znode::kControllerEpoch);
  B_CO_TRY(const auto node, co_await client_.get(path));
  const std::string_view digits = node.data ? as_text(node.data->view()) : std::string_view();
  Controllership read;
  read.epoch_version = node.stat.version;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read.epoch);
  if (error != std::errc() || stop != digits.data() + digits.size()) {
    co_return fail(Errc::corrupt, "znode " + path + " holds no number");
  }
  co_return read;
}

Task<Result<Controllership>> TopicStore::elect_controller(BrokerId candidate, Timestamp now) {
  const std::string path(znode::kController);
  const std::string epoch_path(znode::kControllerEpoch);
  for (int race = 0; race < kMaxRaces; ++race) {
    B_CO_TRY(const auto present, co_await present_controller());
    if (present) co_return *present;
    std::vector<CreateOp> wanted;
    wanted.push_back({epoch_path, data_of("0"), {}});
    B_CO_TRY_VOID(co_await create_missing(std::move(wanted)));
    B_CO_TRY(const auto before, co_await read_controller_epoch());
    const std::int32_t epoch = before.epoch + 1;
    std::vector<Op> ops;
    ops.push_back(CreateOp{path, data_of(znode::encode_controller(candidate, now)), CreateMode::ephemeral});
    ops.push_back(SetOp{epoch_path, data_of(std::to_string(epoch)), before.epoch_version});
    B_CO_TRY(const auto result, co_await client_.multi(std::move(ops)));
    if (result.applied()) co_return Controllership{candidate, epoch, result.results[1].stat.version};
  }
  co_return lost_every_race("electing a controller");
}

Task<Result<TopicInfo>> TopicStore::load_topic(std::string name) {
  const std::string path = znode::topic_path(name);
  B_CO_TRY(const auto text, co_await read_text(path));
  if (!text) co_return fail(Errc::not_found, "topic " + name + " does not exist");
  auto topic = znode::decode_topic(name, *text);
  if (!topic) co_return at_path(path, topic.error());
  const std::string config_path = znode::topic_config_path(name);
  B_CO_TRY(const auto config_text, co_await read_text(config_path));
  if (config_text) {
    auto config = znode::decode_config(*config_text);
    if (!config) co_return at_path(config_path, config.error());
    topic->config = std::move(*config);
  }
  B_CO_TRY_VOID(co_await load_partitions(*topic));
  co_return topic;
}

Task<Result<void>> TopicStore::load_partitions(TopicInfo& topic) {
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const std::string path = znode::state_path(topic.name, i);
    auto node = co_await client_.get(path);
    if (!node && node.error().code == Errc::not_found) continue;
    if (!node) co_return std::unexpected(std::move(node).error());
    auto state = znode::decode_state(node->data ? as_text(node->data->view()) : std::string_view());
    if (!state) co_return at_path(path, state.error());
    PartitionInfo& partition = topic.partitions[i];
    partition.leader = state->leader;
    partition.leader_epoch = state->leader_epoch;
    partition.isr = std::move(state->isr);
    partition.controller_epoch = state->controller_epoch;
    partition.partition_epoch = node->stat.version;
  }
  co_return Result<void>();
}

Task<Result<std::optional<std::string>>> TopicStore::read_text(std::string path) {
  const auto node = co_await client_.get(std::move(path));
  if (!node && node.error().code != Errc::not_found) co_return std::unexpected(node.error());
  if (!node || !node->data) co_return std::optional<std::string>();
  co_return std::optional<std::string>(as_text(node->data->view()));
}

Task<Result<std::int32_t>> TopicStore::write_partition_state(TopicPartition partition, PartitionState state,
                                                             std::int32_t partition_epoch,
                                                             Controllership controllership) {
  const auto index = static_cast<std::size_t>(partition.partition.value());
  std::vector<Op> ops;
  ops.push_back(fence(controllership));
  ops.push_back(SetOp{znode::state_path(partition.topic, index), data_of(znode::encode_state(state)), partition_epoch});
  B_CO_TRY(const auto result, co_await client_.multi(std::move(ops)));
  if (result.applied()) co_return result.results[1].stat.version;
  if (result.failed() == 0U) co_return fenced(controllership);
  co_return std::unexpected(result.outcome().error());
}

Task<Result<ProducerIdBlock>> TopicStore::allocate_producer_ids(BrokerId broker) {
  const std::string path(znode::kProducerIdBlock);
  for (int race = 0; race < kMaxRaces; ++race) {
    B_CO_TRY(const auto node, co_await client_.get(path));
    ProducerIdBlock block{ProducerId(0), kProducerIdBlockSize};
    if (node.data) {
      const auto last = znode::decode_producer_id_block(as_text(node.data->view()));
      if (!last) co_return at_path(path, last.error());
      if (last->first.value() > INT64_MAX - last->count - 2 * std::int64_t{kProducerIdBlockSize}) {
        co_return fail(Errc::too_large, "znode " + path + ": every producer id was handed out");
      }
      block.first = last->first + last->count;
    }
    Data data = data_of(znode::encode_producer_id_block(broker, block));
    const auto taken = co_await client_.set(path, std::move(data), node.stat.version);
    if (taken) co_return block;
    if (taken.error().code != Errc::bad_version) co_return std::unexpected(taken.error());
  }
  co_return lost_every_race("allocating producer ids");
}

}  // namespace barnabas::metadata
