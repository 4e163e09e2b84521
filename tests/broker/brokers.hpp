// Several brokers on simulated machines, with a ZooKeeper that is an ensemble of one or embedded in the first of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/zookeeper/ensemble.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {

class Brokers {
 public:
  enum class ZooKeeper : std::uint8_t { outside, embedded };

  // Ids 1, 2, … on nodes b1, b2, …; racks r1, r2, …
  explicit Brokers(std::uint64_t seed, int count = 3, ZooKeeper zookeeper = ZooKeeper::outside);

  // Before start(): of every broker.
  void set(std::string key, std::string value) { settings_.emplace_back(std::move(key), std::move(value)); }
  void start_all();
  void start(int id);
  void begin_start(int id);
  bool started(int id) const;
  void stop(int id);
  void kill(int id) { hosts_[index(id)].node->kill(); }
  void power_cut(int id) { hosts_[index(id)].node->power_cut(); }
  bool alive(int id) const { return hosts_[index(id)].node->alive(); }

  sim::World& world() { return world_; }
  sim::Ensemble& ensemble() { return *ensemble_; }
  sim::Node& node(int id) { return *hosts_[index(id)].node; }
  int count() const { return static_cast<int>(hosts_.size()); }

  // A request to one broker, on a connection of its own. Nothing: the connection broke.
  template <class Response, class Request>
  std::optional<Answer<Response>> try_call(int id, Request request, std::int16_t version) {
    auto client = world_.run(*client_, RawClient::connect(client_->env(), {name_of(id), 9092}));
    if (!client) return std::nullopt;
    auto answer = world_.run(*client_, (*client)->call<Response>(std::move(request), version));
    if (!answer) return std::nullopt;
    return *std::move(answer);
  }
  template <class Response, class Request>
  Answer<Response> call(int id, Request request, std::int16_t version) {
    auto answer = try_call<Response>(id, std::move(request), version);
    if (!answer) throw std::runtime_error("broker " + std::to_string(id) + " did not answer");
    return *std::move(answer);
  }

  std::int64_t producer_id();
  // As a live broker knows it.
  protocol::MetadataResponse::MetadataResponseTopic topic(int asked, std::string name);
  int controller(int asked);
  // -1: none.
  int leader(int asked, std::string topic, std::int32_t partition = 0);
  // Empty: the broker knows nothing of the partition.
  std::vector<std::int32_t> isr(int asked, std::string topic, std::int32_t partition = 0);
  // The first that lives.
  int any() const;

  // Whether the condition comes true within a minute of virtual time.
  bool eventually(const std::function<bool()>& condition);
  void create_topic(std::string name, std::int32_t partitions, std::int16_t replicas,
                    std::vector<std::pair<std::string, std::string>> configs = {});
  // acks=all, by one idempotent producer, at whoever leads; tried again on errors that clients try again on. The
  // offset.
  std::int64_t produce(std::string topic, std::string value);
  std::vector<std::string> read_all(std::string topic);

 private:
  struct Host {
    sim::Node* node = nullptr;
    std::shared_ptr<Running> running;
  };
  static std::size_t index(int id) { return static_cast<std::size_t>(id - 1); }
  static std::string name_of(int id) { return "b" + std::to_string(id); }

  sim::World world_;
  std::unique_ptr<sim::Ensemble> ensemble_;
  std::vector<Host> hosts_;
  sim::Node* client_;
  std::vector<std::pair<std::string, std::string>> settings_;
  ZooKeeper zookeeper_;
  std::optional<std::int64_t> producer_id_;
  std::map<std::string, std::int32_t> sequences_;
};

}  // namespace barnabas::broker
