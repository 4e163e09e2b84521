#include "core/base/check.hpp"
#include "core/protocol/registry.hpp"
#include "core/zookeeper/recipes/write_once.hpp"
#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {

namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using protocol::Fragment;

Task<bool> read_exactly(env::Stream& stream, MutableByteView into) {
  while (!into.empty()) {
    const auto count = co_await stream.read_some(into);
    if (!count) co_return false;
    into = into.subspan(*count);
  }
  co_return true;
}

template <class M>
std::vector<Fragment> reply(const protocol::RequestHeader& header, const M& message) {
  return protocol::encode_response_frame(message, header.api_version, header.correlation_id);
}

}  // namespace

FakeBroker::FakeBroker(sim::World& world, sim::Ensemble& ensemble, std::int32_t id)
    : ensemble_(ensemble), id_(id), node_(world.add_node("b" + std::to_string(id))) {}

void FakeBroker::start() {
  node_.spawn([this](env::Env env) { return run(env); });
}

void FakeBroker::kill() {
  node_.kill();
  live_.reset();
}

void FakeBroker::power_cut() {
  node_.power_cut();
  live_.reset();
}

void FakeBroker::restart() {
  if (!node_.alive()) node_.restart();
  start();
}

Task<void> FakeBroker::run(env::Env env) {
  // What a process remembers; its logs stay.
  replicas.clear();
  metadata.clear();
  live_brokers.clear();
  controller_epoch = -1;
  epoch_of_life_ = -1;
  live_ = std::make_unique<Live>();
  Live& live = *live_;
  const env::Endpoint here{"", kBrokerPort};
  live.listener = std::move(*co_await env.network.listen(here));
  Scope scope(env.executor);
  while (!live.keeper) {
    zookeeper::SessionOptions options;
    options.servers = *zookeeper::parse_connect_string(ensemble_.connect_string());
    options.session_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(session_timeout);
    options.session_file = "/session";
    auto opened = co_await zookeeper::SessionKeeper::open(env, std::move(options));
    if (opened) live.keeper = std::move(*opened);
  }
  live.store = std::make_unique<metadata::TopicStore>(*live.keeper);
  while (true) {
    const auto made = co_await live.store->create_layout();
    if (made) break;
    co_await env.clock.sleep_for(std::chrono::milliseconds(100));
  }
  live.controller =
      std::make_unique<Controller>(env, config, *live.store, *live.keeper, id_, static_cast<LocalBroker&>(*this));
  live.keeper->on_renewal([this, env](zookeeper::SessionId former) { return renew(env, former); });
  while (epoch_of_life_ == -1) {
    auto registering = register_self(env, zookeeper::kNoSession);
    const auto registered = co_await std::move(registering);
    if (!registered) co_await env.clock.sleep_for(std::chrono::milliseconds(100));
  }
  // Not before: what was meant for the former life must find out that it is over.
  scope.spawn(accept(env));
  (void)co_await live.controller->start();
  live.ready = true;
  Event never(env.executor);
  co_await never.wait();
}

Task<Result<void>> FakeBroker::register_self(env::Env env, zookeeper::SessionId former) {
  metadata::BrokerInfo info;
  info.id = id_;
  info.endpoints = {{"PLAINTEXT", "PLAINTEXT", host(), kBrokerPort}};
  info.rack = rack;
  info.incarnation = incarnation;
  auto registering = live_->store->register_broker(std::move(info), env.clock.wall(), former);
  const auto made = co_await std::move(registering);
  if (!made) co_return std::unexpected(made.error());
  epoch = epoch_of_life_ = *made;
  co_return Result<void>();
}

Task<Result<void>> FakeBroker::renew(env::Env env, zookeeper::SessionId former) {
  live_->controller->session_lost();
  auto registering = register_self(env, former);
  const auto registered = co_await std::move(registering);
  if (!registered) co_return registered;
  auto renewing = live_->controller->session_renewed();
  co_return co_await std::move(renewing);
}

Task<void> FakeBroker::accept(env::Env env) {
  Scope connections(env.executor);
  while (true) {
    auto stream = co_await live_->listener->accept();
    if (!stream) co_return;
    connections.spawn(serve(env, std::move(*stream)));
  }
}

Task<void> FakeBroker::serve(env::Env env, std::unique_ptr<env::Stream> stream) {
  while (true) {
    std::array<std::byte, 4> size{};
    if (!co_await read_exactly(*stream, size)) co_return;
    Buffer frame = Buffer::allocate(static_cast<std::size_t>(load_big_endian<std::int32_t>(size.data())));
    if (!co_await read_exactly(*stream, frame.mutable_view())) co_return;
    auto parsed = protocol::parse_request(frame.view());
    B_CHECK(parsed.has_value());
    auto answering = answer(env, parsed->header, parsed->body);
    const auto response = co_await std::move(answering);
    std::vector<ByteView> parts;
    for (const Fragment& fragment : response) parts.push_back(std::get<Buffer>(fragment).view());
    if (const auto written = co_await stream->write(parts); !written) co_return;
  }
}

Task<std::vector<Fragment>> FakeBroker::answer(env::Env env, const protocol::RequestHeader& header, ByteView body) {
  // As long as it takes to open a log.
  co_await env.clock.sleep_for(std::chrono::milliseconds(1));
  switch (header.api_key) {
    case ApiKey::leader_and_isr:
      co_return reply(header, take(*protocol::decode<protocol::LeaderAndIsrRequest>(body, header.api_version)));
    case ApiKey::update_metadata:
      co_return reply(header, take(*protocol::decode<protocol::UpdateMetadataRequest>(body, header.api_version)));
    case ApiKey::stop_replica:
      co_return reply(header, take(*protocol::decode<protocol::StopReplicaRequest>(body, header.api_version)));
    default: break;
  }
  protocol::ApiVersionsResponse response;
  for (const auto& api : protocol::declared_apis()) {
    auto& one = response.api_keys.emplace_back();
    one.api_key = api.key;
    one.min_version = api.min_version;
    one.max_version = api.max_version;
  }
  co_return reply(header, response);
}

Task<protocol::LeaderAndIsrResponse> FakeBroker::leader_and_isr(protocol::LeaderAndIsrRequest request) {
  co_return take(request);
}
Task<protocol::StopReplicaResponse> FakeBroker::stop_replica(protocol::StopReplicaRequest request) {
  co_return take(request);
}
Task<protocol::UpdateMetadataResponse> FakeBroker::update_metadata(protocol::UpdateMetadataRequest request) {
  co_return take(request);
}

ErrorCode FakeBroker::admit(std::int32_t of_controller, std::int64_t for_epoch, const char* what) {
  requests.push_back(std::string(what) + " " + std::to_string(of_controller));
  if (of_controller < controller_epoch) return ++stale, ErrorCode::stale_controller_epoch;
  if (for_epoch < epoch) return ErrorCode::stale_broker_epoch;
  controller_epoch = of_controller;
  return ErrorCode::none;
}

protocol::LeaderAndIsrResponse FakeBroker::take(const protocol::LeaderAndIsrRequest& request) {
  protocol::LeaderAndIsrResponse response;
  response.error_code = admit(request.controller_epoch, request.broker_epoch, "LeaderAndIsr");
  if (response.error_code != ErrorCode::none) return response;
  for (const auto& topic : request.topic_states) {
    auto& answers = response.topics.emplace_back();
    answers.topic_id = topic.topic_id;
    for (const auto& state : topic.partition_states) {
      const TopicPartition id{topic.topic_name.str(), PartitionId(state.partition_index)};
      auto& answer = answers.partition_errors.emplace_back();
      answer.partition_index = state.partition_index;
      if (broken_logs.contains(id)) {
        answer.error_code = ErrorCode::kafka_storage_error;
        continue;
      }
      if (state.is_new) new_ones.insert(id);
      Replica& replica = replicas[id];
      const std::pair epochs{state.leader_epoch, state.partition_epoch};
      const bool newer = epochs > std::pair{replica.leader_epoch, replica.partition_epoch};
      if (!newer) {
        answer.error_code = ErrorCode::stale_controller_epoch;
        continue;
      }
      if (state.leader == id_.value()) {
        const std::pair<Uuid, std::uint64_t> now{topic.topic_id, incarnation};
        const auto [entry, first] = led.emplace(std::pair{id, state.leader_epoch}, now);
        if (!first && entry->second.first == topic.topic_id && entry->second.second != incarnation) {
          violations.push_back(id.to_string() + ": leads in epoch " + std::to_string(state.leader_epoch) +
                               " as it did with another log");
        }
        if (entry->second.first != topic.topic_id) entry->second = now;
      }
      logs.insert(id);
      removed.erase(id);
      replica = {state.leader, state.leader_epoch, state.partition_epoch, state.isr, state.isr_broker_epochs,
                 state.replicas};
    }
  }
  return response;
}

protocol::StopReplicaResponse FakeBroker::take(const protocol::StopReplicaRequest& request) {
  protocol::StopReplicaResponse response;
  response.error_code = admit(request.controller_epoch, request.broker_epoch, "StopReplica");
  if (response.error_code != ErrorCode::none) return response;
  for (const auto& topic : request.topic_states) {
    for (const auto& state : topic.partition_states) {
      const TopicPartition id{topic.topic_name.str(), PartitionId(state.partition_index)};
      auto& answer = response.partition_errors.emplace_back();
      answer.topic_name = topic.topic_name.to_owned();
      answer.partition_index = state.partition_index;
      const auto replica = replicas.find(id);
      if (replica != replicas.end() && state.leader_epoch >= 0 && state.leader_epoch < replica->second.leader_epoch) {
        answer.error_code = ErrorCode::fenced_leader_epoch;
      } else if (state.delete_partition && refuses_removal) {
        answer.error_code = ErrorCode::kafka_storage_error;
      } else if (state.delete_partition) {
        replicas.erase(id);
        logs.erase(id);
        removed.insert(id);
      } else {
        stopped.insert(id);
      }
    }
  }
  return response;
}

protocol::UpdateMetadataResponse FakeBroker::take(const protocol::UpdateMetadataRequest& request) {
  protocol::UpdateMetadataResponse response;
  response.error_code = admit(request.controller_epoch, request.broker_epoch, "UpdateMetadata");
  if (response.error_code != ErrorCode::none) return response;
  live_brokers.clear();
  for (const auto& one : request.live_brokers) live_brokers[one.id] = one.epoch;
  if (request.type == 2) metadata.clear();
  for (const auto& topic : request.topic_states) {
    for (const auto& state : topic.partition_states) {
      const TopicPartition id{topic.topic_name.str(), PartitionId(state.partition_index)};
      if (state.leader == -2) {
        metadata.erase(id);
      } else {
        metadata[id] = {state.leader, state.leader_epoch, state.zk_version, state.isr, {}, state.replicas};
      }
    }
  }
  return response;
}

}  // namespace barnabas::controller
