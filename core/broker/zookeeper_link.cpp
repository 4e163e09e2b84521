#include "core/broker/zookeeper_link.hpp"

#include <utility>

#include "core/log/log_manager.hpp"

namespace barnabas::broker {
namespace {

namespace keys = metadata::keys;

// In the first data directory.
constexpr const char* kSessionFile = "/zookeeper.session";

}  // namespace

Task<Result<std::unique_ptr<ZooKeeperLink>>> ZooKeeperLink::open(env::Env env, const metadata::Config& config) {
  B_CO_TRY_VOID(co_await log::LogManager::create_data_directory(env, config.data_directory()));
  if (config.embedded_zookeeper()) co_return co_await open_embedded(env, config);
  co_return co_await open_outside(env, config);
}

Task<Result<std::unique_ptr<ZooKeeperLink>>> ZooKeeperLink::open_embedded(env::Env env,
                                                                          const metadata::Config& config) {
  const std::string data_directory = config.data_directory();
  zookeeper::EmbeddedOptions options;
  options.directory = data_directory + "/zookeeper";
  Result<std::unique_ptr<zookeeper::EmbeddedServer>> server =
      co_await zookeeper::EmbeddedServer::open(env, std::move(options));
  if (!server) {
    co_return fail(server.error().code, "log.dirs=" + data_directory + ": " + server.error().message);
  }
  std::unique_ptr<ZooKeeperLink> link(new ZooKeeperLink);
  link->server_ = *std::move(server);
  B_CO_TRY(link->client_, link->server_->connect());
  co_return link;
}

Task<Result<std::unique_ptr<ZooKeeperLink>>> ZooKeeperLink::open_outside(env::Env env,
                                                                         const metadata::Config& config) {
  const std::string connect = config.get(keys::zookeeper_connect);
  zookeeper::SessionOptions options;
  B_CO_TRY(options.servers, zookeeper::parse_connect_string(connect));
  const std::int32_t session_timeout = config.get(keys::zookeeper_session_timeout_ms);
  options.session_timeout = std::chrono::milliseconds(session_timeout);
  options.connection_timeout =
      std::chrono::milliseconds(config.get(keys::zookeeper_connection_timeout_ms).value_or(session_timeout));
  options.session_file = config.data_directory() + kSessionFile;
  auto keeper = co_await zookeeper::SessionKeeper::open(env, std::move(options));
  if (!keeper) {
    co_return fail(keeper.error().code, "zookeeper.connect=" + connect + ": " + keeper.error().message +
                                            "; start ZooKeeper, or correct the key");
  }
  std::unique_ptr<ZooKeeperLink> link(new ZooKeeperLink);
  link->keeper_ = keeper->get();
  link->client_ = *std::move(keeper);
  co_return link;
}

void ZooKeeperLink::set_hooks(Hooks hooks) {
  if (keeper_ == nullptr) return;
  keeper_->on_loss([this, lost = std::move(hooks.lost)] {
    ++expired_;
    if (lost) lost();
  });
  keeper_->on_renewal(std::move(hooks.renewed));
}

ZooKeeperLink::Counts ZooKeeperLink::counts() const {
  Counts counts;
  counts.connected = keeper_ == nullptr || keeper_->current().connected();
  counts.expired = expired_;
  if (keeper_ != nullptr) counts.disconnects = keeper_->disconnects();
  return counts;
}

Task<Result<void>> ZooKeeperLink::serve_others(env::Env env, const metadata::Config& config) {
  const auto port = config.get(keys::zookeeper_embedded_port);
  if (!server_ || !port) co_return Result<void>{};
  B_CO_TRY(const auto listeners, config.listeners());
  zookeeper::WireOptions options;
  options.at = {listeners.front().host, static_cast<std::uint16_t>(*port)};
  const auto bound = co_await server_->listen(std::move(options));
  if (!bound) {
    co_return fail(bound.error().code, "zookeeper.embedded.port=" + std::to_string(*port) + ": " +
                                           bound.error().message + "; set it to a port that is free");
  }
  env.logger.log(env::LogLevel::info, "broker", "the embedded ZooKeeper listens on " + bound->to_string());
  co_return Result<void>{};
}

Task<void> ZooKeeperLink::stop() {
  (void)co_await client_->close();
  if (server_) co_await server_->stop();
}

}  // namespace barnabas::broker
