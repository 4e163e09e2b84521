// The configurations of the topics that this broker hosts: what is set for each (ZooKeeper keeps it), over the broker's
// own. Loaded when the controller first names a topic here, so that a partition never leads or follows under a
// configuration that is not its own; kept up to date by config_changes.hpp.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/log/log_config.hpp"
#include "core/metadata/cluster_image.hpp"
#include "core/metadata/config.hpp"
#include "core/metadata/config_change.hpp"
#include "core/metadata/topic_config.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::broker {

class TopicConfigs {
 public:
  // All of these outlive this.
  TopicConfigs(env::Env env, const metadata::Config& broker, zookeeper::Client& zookeeper);

  // The topic's effective configuration; the broker's for a topic that is not hosted here.
  const metadata::TopicConfig& of(std::string_view topic) const;
  // The same for its logs.
  log::LogConfig log_config_of(std::string_view topic) const;
  // The hosted topic that has this id; null: none.
  const std::string* name_of(const Uuid& id) const;

  // As they were read at the start.
  void start_with(const std::map<std::string, metadata::TopicInfo>& topics);
  // Knows each of these topics, under this id, when it returns: reads those that it does not know. A zero id is any.
  Task<Result<void>> ensure(std::vector<std::pair<std::string, Uuid>> topics);
  // Reads a topic's overrides again, if it is known; or those of all, after a time in which changes may have been
  // missed.
  Task<Result<void>> reload(std::string topic);
  Task<Result<void>> reload_all();
  // What was just written.
  void put(const std::string& topic, metadata::Overrides overrides);
  void forget(std::string_view topic);
  // The broker's configuration has changed, and with it that of every topic.
  void broker_config_changed();

  // Called after each change; must outlive this.
  void on_change(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

 private:
  struct Entry {
    Uuid id;
    metadata::Overrides overrides;
    metadata::TopicConfig effective;
  };

  bool knows(const std::string& topic, const Uuid& id) const;
  Task<Result<void>> read(std::string topic, Uuid id);
  void set(const std::string& topic, Uuid id, metadata::Overrides overrides);
  void tell() const;

  env::Env env_;
  const metadata::Config& broker_;
  zookeeper::Client& zookeeper_;
  metadata::TopicConfig broker_defaults_;
  std::map<std::string, Entry, std::less<>> topics_;
  std::map<Uuid, std::string> names_;
  std::vector<std::function<void()>> listeners_;
  // Reads of the same topic do not overtake each other.
  Semaphore turn_;
};

// What the log is told of a topic's configuration.
log::LogConfig log_config(const metadata::TopicConfig& topic, const metadata::Config& broker);

}  // namespace barnabas::broker
