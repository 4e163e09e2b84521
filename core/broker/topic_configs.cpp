#include "core/broker/topic_configs.hpp"

#include <algorithm>

#include "core/async/gather.hpp"
#include "core/metadata/topic_definitions.hpp"

namespace barnabas::broker {
namespace {

// Topics that are read at the same time.
constexpr std::int64_t kReadsAtOnce = 64;

}  // namespace

log::LogConfig log_config(const metadata::TopicConfig& topic, const metadata::Config& broker) {
  log::LogConfig config;
  config.segment_bytes = topic.segment_bytes;
  config.segment_ms = topic.segment_ms;
  config.segment_jitter_ms = topic.segment_jitter_ms;
  config.segment_index_bytes = topic.segment_index_bytes;
  config.index_interval_bytes = topic.index_interval_bytes;
  config.flush_messages = topic.flush_messages;
  config.flush_ms = topic.flush_ms;
  config.retention_ms = topic.retention_ms;
  config.retention_bytes = topic.retention_bytes;
  config.max_message_bytes = topic.max_message_bytes;
  config.producer_id_expiration_ms = broker.get(metadata::keys::producer_id_expiration_ms);
  config.file_delete_delay_ms = topic.file_delete_delay_ms;
  config.preallocate = topic.preallocate;
  config.cleanup_delete = topic.cleanup_delete;
  config.cleanup_compact = topic.cleanup_compact;
  config.min_cleanable_ratio = topic.min_cleanable_dirty_ratio;
  config.min_compaction_lag_ms = topic.min_compaction_lag_ms;
  config.max_compaction_lag_ms = topic.max_compaction_lag_ms;
  config.delete_retention_ms = topic.delete_retention_ms;
  // The active segment is never compacted, so it must close in time (KIP-354).
  if (topic.cleanup_compact) config.segment_ms = std::min(config.segment_ms, topic.max_compaction_lag_ms);
  return config;
}

TopicConfigs::TopicConfigs(env::Env env, const metadata::Config& broker, zookeeper::Client& zookeeper)
    : env_(env),
      broker_(broker),
      zookeeper_(zookeeper),
      broker_defaults_(metadata::TopicConfig::make(broker, {})),
      turn_(env.executor, 1) {}

const metadata::TopicConfig& TopicConfigs::of(std::string_view topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? broker_defaults_ : found->second.effective;
}

log::LogConfig TopicConfigs::log_config_of(std::string_view topic) const { return log_config(of(topic), broker_); }

const std::string* TopicConfigs::name_of(const Uuid& id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? nullptr : &found->second;
}

void TopicConfigs::start_with(const std::map<std::string, metadata::TopicInfo>& topics) {
  for (const auto& [name, topic] : topics) set(name, topic.id, topic.config);
}

bool TopicConfigs::knows(const std::string& topic, const Uuid& id) const {
  const auto found = topics_.find(topic);
  return found != topics_.end() && (id.is_zero() || found->second.id == id);
}

Task<Result<void>> TopicConfigs::ensure(std::vector<std::pair<std::string, Uuid>> topics) {
  std::erase_if(topics, [this](const auto& topic) { return knows(topic.first, topic.second); });
  if (topics.empty()) co_return Result<void>{};
  const Semaphore::Units turn = co_await turn_.acquire();
  std::vector<Task<Result<void>>> work;
  for (auto& [name, id] : topics) {
    if (!knows(name, id)) work.push_back(read(std::move(name), id));
  }
  co_return co_await gather(env_.executor, std::move(work), kReadsAtOnce);
}

Task<Result<void>> TopicConfigs::read(std::string topic, Uuid id) {
  std::string name = topic;
  B_CO_TRY(metadata::Overrides overrides, co_await metadata::load_topic_overrides(zookeeper_, std::move(name)));
  set(topic, id, std::move(overrides));
  co_return Result<void>{};
}

Task<Result<void>> TopicConfigs::reload(std::string topic) {
  const Semaphore::Units turn = co_await turn_.acquire();
  const auto found = topics_.find(topic);
  if (found == topics_.end()) co_return Result<void>{};
  const Uuid id = found->second.id;
  B_CO_TRY_VOID(co_await read(std::move(topic), id));
  tell();
  co_return Result<void>{};
}

Task<Result<void>> TopicConfigs::reload_all() {
  const Semaphore::Units turn = co_await turn_.acquire();
  std::vector<Task<Result<void>>> work;
  for (const auto& [name, entry] : topics_) work.push_back(read(name, entry.id));
  const Result<void> done = co_await gather(env_.executor, std::move(work), kReadsAtOnce);
  tell();
  co_return done;
}

void TopicConfigs::put(const std::string& topic, metadata::Overrides overrides) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return;
  set(topic, found->second.id, std::move(overrides));
  tell();
}

void TopicConfigs::set(const std::string& topic, Uuid id, metadata::Overrides overrides) {
  forget(topic);
  Entry& entry = topics_[topic];
  entry.id = id;
  entry.effective = metadata::TopicConfig::make(broker_, overrides);
  entry.overrides = std::move(overrides);
  if (!id.is_zero()) names_[id] = topic;
}

void TopicConfigs::forget(std::string_view topic) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return;
  names_.erase(found->second.id);
  topics_.erase(found);
}

void TopicConfigs::broker_config_changed() {
  broker_defaults_ = metadata::TopicConfig::make(broker_, {});
  for (auto& [name, entry] : topics_) entry.effective = metadata::TopicConfig::make(broker_, entry.overrides);
  tell();
}

void TopicConfigs::tell() const {
  for (const auto& listener : listeners_) listener();
}

}  // namespace barnabas::broker
