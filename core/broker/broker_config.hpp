// The configuration of this broker that is set while it runs: for it alone, or for all brokers. ZooKeeper keeps it
// (/config/brokers/<id> and /config/brokers/<default>), so that it outlives the process.
//
// Whoever reads metadata::Config when it uses a value sees changes by itself; others are told.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"
#include "core/metadata/config_change.hpp"
#include "core/metadata/topic_store.hpp"
#include "core/protocol/api_error.hpp"

namespace barnabas::broker {

using protocol::ApiError;
using protocol::ApiResult;

class BrokerConfig {
 public:
  // All of these outlive this; config is changed by this alone.
  BrokerConfig(env::Env env, metadata::Config& config, metadata::TopicStore& store, BrokerId self);

  // Takes over what is stored. What cannot take effect is logged.
  Task<Result<void>> load();

  // The same again, after somebody else has changed it, for this broker or for all.
  Task<Result<void>> reload();

  // Called after each change; must outlive this.
  void on_change(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

  // layer: dynamic_broker or dynamic_default_broker. Durable and in force when this returns. validate_only: only says
  // what it would say. INVALID_REQUEST with Kafka's message; KAFKA_STORAGE_ERROR.
  Task<ApiResult<std::monostate>> alter(metadata::ConfigSource layer, metadata::ConfigEdit edit, bool validate_only);

  // Refuses further changes and waits for the one under way.
  Task<void> stop();

 private:
  Task<ApiResult<std::monostate>> alter_in_turn(metadata::ConfigSource layer, metadata::ConfigEdit edit,
                                                bool validate_only);
  void tell() const;
  void put_in_force(metadata::ConfigSource layer, const metadata::Overrides& values);
  std::optional<BrokerId> owner(metadata::ConfigSource layer) const;

  env::Env env_;
  metadata::Config& config_;
  metadata::TopicStore& store_;
  BrokerId self_;
  std::vector<std::function<void()>> listeners_;
  bool stopping_ = false;
  Semaphore turn_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
