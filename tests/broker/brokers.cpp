#include "tests/broker/brokers.hpp"

#include <stdexcept>

#include "core/protocol/messages/22_init_producer_id.hpp"

namespace barnabas::broker {

using protocol::ErrorCode;

Brokers::Brokers(std::uint64_t seed, int count, ZooKeeper zookeeper) : world_(seed), zookeeper_(zookeeper) {
  if (zookeeper == ZooKeeper::outside) {
    sim::EnsembleOptions options;
    options.servers = 1;
    ensemble_ = std::make_unique<sim::Ensemble>(world_, options);
  }
  for (int id = 1; id <= count; ++id) hosts_.push_back({&world_.add_node(name_of(id)), nullptr});
  client_ = &world_.add_node("client");
  set("listeners", "PLAINTEXT://:9092");
  set("log.dirs", "/data");
  set("offsets.topic.num.partitions", "3");
  set("zookeeper.session.timeout.ms", "6000");
  set("controlled.shutdown.retry.backoff.ms", "500");
}

void Brokers::begin_start(int id) {
  Host& host = hosts_[index(id)];
  if (!host.node->alive()) host.node->restart();
  host.running = std::make_shared<Running>();
  const auto put = [&](std::string_view key, std::string_view value) {
    if (auto good = host.running->config.set(key, value); !good) throw std::runtime_error(good.error().message);
  };
  for (const auto& [key, value] : settings_) put(key, value);
  put("broker.id", std::to_string(id));
  put("broker.rack", "r" + std::to_string(id));
  if (zookeeper_ == ZooKeeper::outside) {
    put("zookeeper.connect", ensemble_->connect_string() + "/kafka");
  } else if (id == 1) {
    put("zookeeper.embedded.port", "2181");
  } else {
    put("zookeeper.connect", "b1:2181");
  }
  host.node->spawn_task(serve(host.node->env(), host.running));
}

bool Brokers::started(int id) const {
  const auto& running = hosts_[index(id)].running;
  if (!running || !running->started) return false;
  if (!*running->started) throw std::runtime_error(running->started->error().to_string());
  return true;
}

void Brokers::start(int id) {
  begin_start(id);
  if (!world_.run_until([&] { return started(id); }, 60s)) {
    throw std::runtime_error("broker " + std::to_string(id) + " did not start within a minute");
  }
}

void Brokers::start_all() {
  for (int id = 1; id <= count(); ++id) start(id);
  // Every broker knows all of them.
  const auto complete = [&] {
    for (int id = 1; id <= count(); ++id) {
      const auto answer = call<protocol::MetadataResponse>(id, protocol::MetadataRequest(), 9);
      if (static_cast<int>(answer->brokers.size()) != count()) return false;
    }
    return true;
  };
  if (!eventually(complete)) throw std::runtime_error("the brokers do not find each other");
}

void Brokers::stop(int id) {
  Host& host = hosts_[index(id)];
  host.running->stop = true;
  if (!world_.run_until([&] { return host.running->stopped; }, 60s)) {
    throw std::runtime_error("broker " + std::to_string(id) + " does not stop");
  }
  host.node->kill();
}

int Brokers::any() const {
  for (int id = 1; id <= count(); ++id) {
    if (alive(id)) return id;
  }
  throw std::runtime_error("no broker is alive");
}

protocol::MetadataResponse::MetadataResponseTopic Brokers::topic(int asked, std::string name) {
  protocol::MetadataRequest request;
  request.topics.emplace().emplace_back().name = protocol::String(name);
  request.allow_auto_topic_creation = false;
  auto answer = call<protocol::MetadataResponse>(asked, request, 9);
  auto topic = std::move(answer.message.topics.at(0));
  topic.name.reset();  // It borrows.
  return topic;
}

int Brokers::controller(int asked) {
  return call<protocol::MetadataResponse>(asked, protocol::MetadataRequest(), 9)->controller_id;
}

int Brokers::leader(int asked, std::string name, std::int32_t partition) {
  const auto found = topic(asked, std::move(name));
  const auto at = static_cast<std::size_t>(partition);
  return at < found.partitions.size() ? found.partitions[at].leader_id : -1;
}

std::vector<std::int32_t> Brokers::isr(int asked, std::string name, std::int32_t partition) {
  const auto found = topic(asked, std::move(name));
  const auto at = static_cast<std::size_t>(partition);
  return at < found.partitions.size() ? found.partitions[at].isr_nodes : std::vector<std::int32_t>();
}

bool Brokers::eventually(const std::function<bool()>& condition) {
  const Instant deadline = world_.now() + 60s;
  while (!condition()) {
    if (world_.now() >= deadline) return false;
    world_.run_for(50ms);
  }
  return true;
}

void Brokers::create_topic(std::string name, std::int32_t partitions, std::int16_t replicas,
                           std::vector<std::pair<std::string, std::string>> configs) {
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = replicas;
  for (const auto& [key, value] : configs) {
    auto& config = topic.configs.emplace_back();
    config.name = key;
    config.value = value;
  }
  const auto answer = call<protocol::CreateTopicsResponse>(controller(any()), std::move(request), 7);
  const auto& result = answer->topics.at(0);
  if (result.error_code != ErrorCode::none) {
    throw std::runtime_error(std::string(protocol::name_of(result.error_code)));
  }
}

std::int64_t Brokers::producer_id() {
  const auto given = [&] {
    const auto answer = call<protocol::InitProducerIdResponse>(any(), protocol::InitProducerIdRequest(), 4);
    if (answer->error_code == ErrorCode::none) producer_id_ = answer->producer_id;
    return producer_id_.has_value();
  };
  if (!producer_id_ && !eventually(given)) throw std::runtime_error("no producer id");
  return *producer_id_;
}

std::int64_t Brokers::produce(std::string topic, std::string value) {
  record::BatchOptions options;
  options.producer_id = ProducerId(producer_id());
  options.producer_epoch = ProducerEpoch(0);
  options.base_sequence = sequences_[topic]++;
  const Instant deadline = world_.now() + 60s;
  std::string last = "no leader";
  while (world_.now() < deadline) {
    const int at = leader(any(), topic);
    if (at > 0 && alive(at)) {
      const Buffer batch = batch_of({value}, options);
      const auto answer = try_call<protocol::ProduceResponse>(at, produce_request(topic, 0, batch), 9);
      if (answer) {
        const auto& result = (*answer)->responses.at(0).partition_responses.at(0);
        if (result.error_code == ErrorCode::none) return result.base_offset;
        last = std::string(protocol::name_of(result.error_code));
        if (!protocol::is_retriable(result.error_code)) break;
      }
    }
    world_.run_for(50ms);
  }
  throw std::runtime_error("cannot produce to " + topic + ": " + last);
}

std::vector<std::string> Brokers::read_all(std::string topic) {
  std::vector<std::string> values;
  for (std::int64_t offset = 0;;) {
    const auto answer =
        call<protocol::FetchResponse>(leader(any(), topic), fetch_request(topic, 0, offset), 11);
    const auto& data = answer->responses.at(0).partitions.at(0);
    if (data.error_code != ErrorCode::none) throw std::runtime_error(std::string(protocol::name_of(data.error_code)));
    if (data.records->empty()) return values;
    for (std::string& value : values_in(data.records->view())) values.push_back(std::move(value));
    offset = static_cast<std::int64_t>(values.size());
  }
}

}  // namespace barnabas::broker
