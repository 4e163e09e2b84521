#include "core/zookeeper/embedded_server.hpp"

#include <utility>

#include "core/zookeeper/local_client.hpp"

namespace barnabas::zookeeper {

Task<Result<std::unique_ptr<EmbeddedServer>>> EmbeddedServer::open(env::Env env, EmbeddedOptions options) {
  std::string directory = options.directory;
  auto engine = co_await Engine::open(env, std::move(directory), options.snapshot_after_bytes, options.limits);
  if (!engine) co_return std::unexpected(std::move(engine).error());
  co_return std::unique_ptr<EmbeddedServer>(new EmbeddedServer(std::move(*engine)));
}

EmbeddedServer::~EmbeddedServer() = default;

Result<std::unique_ptr<Client>> EmbeddedServer::connect() {
  B_TRY_VOID(engine_->check_running());
  return std::make_unique<LocalClient>(*engine_);
}

Task<Result<env::Endpoint>> EmbeddedServer::listen(WireOptions options) {
  B_CHECK(wire_ == nullptr);
  auto wire = co_await WireServer::listen(*engine_, std::move(options));
  if (!wire) co_return std::unexpected(std::move(wire).error());
  wire_ = std::move(*wire);
  co_return wire_->bound();
}

Task<void> EmbeddedServer::stop() {
  if (wire_) wire_->stop();
  co_await engine_->stop();
}

}  // namespace barnabas::zookeeper
