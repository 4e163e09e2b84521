// The Client of a session in the server's own process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/zookeeper/client.hpp"
#include "core/zookeeper/server/engine.hpp"

namespace barnabas::zookeeper {

// Never expires; may do everything. Destroying it without close() leaves its session in place until the process ends.
// The engine outlives it.
class LocalClient final : public Client {
 public:
  explicit LocalClient(Engine& engine);
  ~LocalClient() override;
  LocalClient(const LocalClient&) = delete;
  LocalClient& operator=(const LocalClient&) = delete;

  SessionId session() const override;
  barnabas::Event& over() override;

  Task<Result<std::string>> create(std::string path, Data data, CreateMode mode) override;
  Task<Result<NodeData>> get(std::string path, WatchPtr watch) override;
  Task<Result<std::optional<Stat>>> exists(std::string path, WatchPtr watch) override;
  Task<Result<Children>> children(std::string path, WatchPtr watch) override;
  Task<Result<Stat>> set(std::string path, Data data, std::int32_t expected_version) override;
  Task<Result<void>> remove(std::string path, std::int32_t expected_version) override;
  Task<Result<MultiResult>> multi(std::vector<Op> operations) override;
  Task<Result<void>> sync(std::string path) override;
  Task<Result<void>> close() override;

 private:
  // What calls under way need. They share it, because a client may be destroyed before they end.
  class Session;
  std::shared_ptr<Session> session_;
};

}  // namespace barnabas::zookeeper
