// What was changed of configurations by other brokers and by tools: the notifications under /config/changes, which
// every broker watches and which whoever reads them removes after a while, as Kafka does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/zookeeper/client.hpp"
#include "core/zookeeper/recipes/current.hpp"

namespace barnabas::broker {

// How long a notification stays, so that every broker sees it.
inline constexpr std::chrono::minutes kConfigChangeLife{15};

class ConfigChanges {
 public:
  // entity: "topics/orders", "brokers/1", "brokers/<default>", "users/alice/clients/c1". Called for one after the
  // other, in their order; the value was written before. A change that fails is tried again with the next one, or
  // after a pause.
  using Handler = std::function<Task<Result<void>>(std::string entity)>;

  // The client outlives this. Begins to watch at once; a client that keeps sessions is watched through all of them.
  // What was there at the start is handled as well.
  ConfigChanges(env::Env env, zookeeper::Client& zookeeper, Handler handler);

 private:
  Task<void> run();
  // Handles what is new. False: something failed.
  Task<bool> handle(std::vector<std::string> names);
  Task<Result<void>> handle_one(std::string name);
  Task<void> purge();

  env::Env env_;
  zookeeper::Client& zookeeper_;
  Handler handler_;
  std::int64_t last_handled_ = -1;            // Number of the notification.
  std::map<std::string, Timestamp> created_;  // Those that are there, by their names.
  zookeeper::CurrentChildren changes_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
