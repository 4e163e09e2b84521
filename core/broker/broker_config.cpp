#include "core/broker/broker_config.hpp"

#include "core/broker/connection_limits.hpp"
#include "core/broker/detached.hpp"
#include "core/broker/error_mapping.hpp"

namespace barnabas::broker {

using metadata::ConfigSource;

BrokerConfig::BrokerConfig(env::Env env, metadata::Config& config, metadata::TopicStore& store, BrokerId self)
    : env_(env), config_(config), store_(store), self_(self), turn_(env.executor, 1), scope_(env.executor) {}

std::optional<BrokerId> BrokerConfig::owner(ConfigSource layer) const {
  return layer == ConfigSource::dynamic_broker ? std::optional(self_) : std::nullopt;
}

Task<Result<void>> BrokerConfig::load() {
  for (const ConfigSource layer : {ConfigSource::dynamic_default_broker, ConfigSource::dynamic_broker}) {
    B_CO_TRY(const metadata::Overrides stored, co_await store_.load_broker_config(owner(layer)));
    put_in_force(layer, stored);
  }
  co_return Result<void>{};
}

// Not while a change of its own is under way.
Task<Result<void>> BrokerConfig::reload() {
  const Semaphore::Units turn = co_await turn_.acquire();
  B_CO_TRY_VOID(co_await load());
  tell();
  co_return Result<void>{};
}

void BrokerConfig::tell() const {
  for (const auto& listener : listeners_) listener();
}

void BrokerConfig::put_in_force(ConfigSource layer, const metadata::Overrides& values) {
  for (const std::string& left_out : config_.set_dynamic(layer, values)) {
    env_.logger.log(env::LogLevel::warn, "config", "set at run time: " + left_out);
  }
}

Task<ApiResult<std::monostate>> BrokerConfig::alter(ConfigSource layer, metadata::ConfigEdit edit, bool validate_only) {
  return detached(env_.executor, scope_, alter_in_turn(layer, std::move(edit), validate_only));
}

Task<ApiResult<std::monostate>> BrokerConfig::alter_in_turn(ConfigSource layer, metadata::ConfigEdit edit,
                                                            bool validate_only) {
  const auto refuse = [](protocol::ErrorCode code, std::string message) {
    return std::unexpected(ApiError{code, std::move(message)});
  };
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return refuse(protocol::ErrorCode::broker_not_available, "the broker is stopping");
  const Result<metadata::Overrides> after = metadata::apply(edit, config_.dynamic(layer), &metadata::find_key);
  if (!after) co_return refuse(protocol::ErrorCode::invalid_config, after.error().message);
  if (const auto good = metadata::Config::check_dynamic(*after); !good) {
    co_return refuse(protocol::ErrorCode::invalid_request, good.error().message);
  }
  metadata::Config changed = config_;
  changed.set_dynamic(layer, *after);
  if (const auto limits = connection_limits(changed); !limits) {
    co_return refuse(protocol::ErrorCode::invalid_request, limits.error().message);
  }
  if (validate_only) co_return std::monostate{};
  const Result<void> stored = co_await store_.set_broker_config(owner(layer), *after);
  if (!stored) co_return refuse(error_code_of(stored.error().code), stored.error().message);
  put_in_force(layer, *after);
  tell();
  co_return std::monostate{};
}

Task<void> BrokerConfig::stop() {
  stopping_ = true;
  co_await scope_.join();
}

}  // namespace barnabas::broker
