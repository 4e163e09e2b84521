#include "tests/broker/support.hpp"

#include <stdexcept>

#include "core/record/convert.hpp"

namespace barnabas::broker {

// g++ 12 keeps no captures of lambda coroutines alive, so the program is a function.
Task<void> serve(env::Env env, std::shared_ptr<Running> state) {
  auto broker = co_await Broker::start(env, state->config);
  if (!broker) {
    state->started = std::unexpected(broker.error());
    co_return;
  }
  state->started = (*broker)->bound();
  while (!state->stop) co_await env.clock.sleep_for(10ms);
  co_await (*broker)->stop();
  state->stopped = true;
}

Task<Result<std::unique_ptr<RawClient>>> RawClient::connect(env::Env env, env::Endpoint to) {
  auto client = std::make_unique<RawClient>();
  B_CO_TRY(client->stream_, co_await env.network.connect(to));
  co_return client;
}

Task<Result<void>> RawClient::send(std::vector<std::byte> bytes) {
  const ByteView parts[] = {bytes};
  co_return co_await stream_->write(parts);
}

Task<Result<void>> RawClient::read_exactly(MutableByteView into) {
  while (!into.empty()) {
    B_CO_TRY(const std::size_t count, co_await stream_->read_some(into));
    into = into.subspan(count);
  }
  co_return Result<void>{};
}

Task<Result<Buffer>> RawClient::receive() {
  Buffer head = Buffer::allocate(4);
  B_CO_TRY_VOID(co_await read_exactly(head.mutable_view()));
  Buffer response = Buffer::allocate(static_cast<std::size_t>(load_big_endian<std::int32_t>(head.data())));
  B_CO_TRY_VOID(co_await read_exactly(response.mutable_view()));
  co_return Result<Buffer>(std::move(response));
}

Cluster::Cluster(std::uint64_t seed)
    : world_(seed), broker_(&world_.add_node("broker")), client_(&world_.add_node("client")) {
  set("listeners", "PLAINTEXT://:9092");
  set("log.dirs", "/data");
  set("broker.id", "1");
  set("offsets.topic.num.partitions", "3");
}

void Cluster::set(std::string key, std::string value) { settings_.emplace_back(std::move(key), std::move(value)); }

Result<env::Endpoint> Cluster::try_start() {
  if (!broker_->alive()) broker_->restart();
  running_ = std::make_shared<Running>();
  for (const auto& [key, value] : settings_) {
    if (auto good = running_->config.set(key, value); !good) return std::unexpected(good.error());
  }
  broker_->spawn_task(serve(broker_->env(), running_));
  if (!world_.run_until([&] { return running_->started.has_value(); }, 60s)) {
    return fail(Errc::timed_out, "the broker did not start within a minute");
  }
  if (*running_->started) endpoint_ = {"broker", (*running_->started)->port};
  return *running_->started;
}

void Cluster::start() {
  if (const auto started = try_start(); !started) throw std::runtime_error(started.error().to_string());
}

void Cluster::stop() {
  running_->stop = true;
  if (!world_.run_until([&] { return running_->stopped; }, 60s)) throw std::runtime_error("the broker does not stop");
  broker_->kill();
}

void Cluster::kill() { broker_->kill(); }
void Cluster::power_cut() { broker_->power_cut(); }

bool Cluster::logged(std::string_view part) {
  for (const std::string& line : world_.trace().lines()) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

std::unique_ptr<RawClient> Cluster::connect() {
  auto client = run(RawClient::connect(client_env(), endpoint_));
  if (!client) throw std::runtime_error(client.error().to_string());
  return *std::move(client);
}

void Cluster::create_topic(std::string name, std::int32_t partitions,
                           std::vector<std::pair<std::string, std::string>> configs) {
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  for (const auto& [key, value] : configs) {
    auto& config = topic.configs.emplace_back();
    config.name = key;
    config.value = value;
  }
  const auto answer = call<protocol::CreateTopicsResponse>(std::move(request), 7);
  const auto& result = answer->topics.at(0);
  if (result.error_code != protocol::ErrorCode::none) {
    throw std::runtime_error(std::string(protocol::name_of(result.error_code)));
  }
}

Buffer batch_of(std::vector<std::string> values, record::BatchOptions options) {
  record::BatchBuilder builder(options);
  std::int64_t at = 1'000'000;
  for (const std::string& value : values) builder.append(Timestamp(at++), as_bytes("k"), as_bytes(value));
  return builder.build();
}

Buffer old_format(const Buffer& batch, std::int8_t magic) {
  return record::down_convert(batch.view(), magic, Offset(0)).value();
}

std::vector<std::string> values_in(ByteView batches) {
  std::vector<std::string> values;
  const auto walk = [&](const record::BatchHeader&, ByteView batch) {
    return record::for_each_record(batch, [&](const record::RecordView& record) {
      values.emplace_back(as_text(record.value.value_or(ByteView())));
    });
  };
  const Result<void> walked = record::for_each_batch(batches, walk);
  EXPECT_TRUE(walked.has_value()) << walked.error().to_string();
  return values;
}

protocol::ProduceRequest produce_request(std::string topic, std::int32_t partition, Buffer records, std::int16_t acks) {
  protocol::ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 10'000;
  auto& row = request.topic_data.emplace_back();
  row.name = topic;
  auto& data = row.partition_data.emplace_back();
  data.index = partition;
  data.records = protocol::Records(std::move(records));
  return request;
}

protocol::FetchRequest fetch_request(std::string topic, std::int32_t partition, std::int64_t offset) {
  protocol::FetchRequest request;
  request.max_wait_ms = 0;
  request.min_bytes = 1;
  request.max_bytes = 50 << 20;
  auto& row = request.topics.emplace_back();
  row.topic = topic;
  auto& data = row.partitions.emplace_back();
  data.partition = partition;
  data.fetch_offset = offset;
  data.partition_max_bytes = 1 << 20;
  return request;
}

}  // namespace barnabas::broker
