#include "tests/zookeeper/contract_backend.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/zookeeper/embedded_server.hpp"
#include "net/event_loop.hpp"
#include "sim/zookeeper/ensemble.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::uint64_t kSeed = 42;

class EnsembleBackend final : public Backend {
 public:
  EnsembleBackend() : world_(kSeed), client_(world_.add_node("client")), ensemble_(world_, {}) {}

  env::Env env() override { return client_.env(); }
  std::string servers() override { return ensemble_.connect_string(); }
  void run(Task<void> task) override { world_.run(client_, std::move(task)); }

 private:
  sim::World world_;
  sim::Node& client_;
  sim::Ensemble ensemble_;
};

class EmbeddedBackend final : public Backend {
 public:
  explicit EmbeddedBackend(bool inside) : world_(kSeed), node_(world_.add_node("server")), inside_(inside) {
    EmbeddedOptions options;
    options.directory = "/data/zookeeper";
    server_ = *world_.run(node_, EmbeddedServer::open(node_.env(), std::move(options)));
    if (inside_) return;
    WireOptions wire;
    wire.at.port = kDefaultPort;
    const auto bound = world_.run(node_, server_->listen(std::move(wire)));
    EXPECT_TRUE(bound.has_value());
  }

  env::Env env() override { return node_.env(); }
  std::string servers() override { return inside_ ? "" : "server:2181"; }
  Result<std::unique_ptr<Client>> connect_inside() override { return server_->connect(); }
  void run(Task<void> task) override { world_.run(node_, std::move(task)); }

 private:
  sim::World world_;
  sim::Node& node_;
  bool inside_;
  std::unique_ptr<EmbeddedServer> server_;
};

class ApacheBackend final : public Backend {
 public:
  explicit ApacheBackend(std::string servers) : servers_(std::move(servers)) {}

  env::Env env() override { return loop_.env(); }
  std::string servers() override { return servers_; }
  void run(Task<void> task) override { loop_.run(std::move(task)); }

 private:
  net::EventLoop loop_;
  std::string servers_;
};

const char* apache_servers() { return std::getenv("BARNABAS_ZOOKEEPER"); }

}  // namespace

std::vector<std::string> backend_names() {
  std::vector<std::string> names{"ensemble", "embedded", "inside"};
  if (apache_servers() != nullptr) names.emplace_back("apache");
  return names;
}

std::unique_ptr<Backend> make_backend(const std::string& name) {
  if (name == "ensemble") return std::make_unique<EnsembleBackend>();
  if (name == "apache") return std::make_unique<ApacheBackend>(apache_servers());
  return std::make_unique<EmbeddedBackend>(name == "inside");
}

}  // namespace barnabas::zookeeper
