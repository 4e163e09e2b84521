// Configuration of topics that are there.
#include <utility>

#include "core/broker/detached.hpp"
#include "core/broker/error_mapping.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

std::unexpected<ApiError> refuse(ErrorCode code, std::string message) {
  return std::unexpected(ApiError{code, std::move(message)});
}

// Kafka says which topic it is when a value is at fault, and nothing more when a name is.
std::string in_context(const std::string& topic, std::string message) {
  if (!message.starts_with("Invalid value")) return message;
  return "Invalid config value for resource ConfigResource(type=TOPIC, name='" + topic + "'): " + message;
}

}  // namespace

Task<ApiResult<std::monostate>> Topics::alter_config(std::string name, metadata::ConfigEdit edit, bool validate_only) {
  return detached(env_.executor, scope_, alter_config_in_turn(std::move(name), std::move(edit), validate_only));
}

Task<ApiResult<std::monostate>> Topics::alter_config_in_turn(std::string name, metadata::ConfigEdit edit,
                                                             bool validate_only) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return refuse(ErrorCode::broker_not_available, "the broker is stopping");
  const metadata::TopicInfo* present = image_.topic(name);
  if (present == nullptr) {
    co_return refuse(ErrorCode::unknown_topic_or_partition, "The topic '" + name + "' does not exist.");
  }
  Result<metadata::Overrides> after = metadata::apply(edit, present->config, &metadata::find_topic_key);
  if (!after) co_return refuse(ErrorCode::invalid_config, after.error().message);
  if (const auto good = metadata::check_topic_overrides(config_, *after); !good) {
    co_return refuse(ErrorCode::invalid_config, in_context(name, good.error().message));
  }
  if (validate_only) co_return std::monostate{};
  metadata::TopicInfo topic = *present;
  topic.config = *std::move(after);
  const Result<void> stored = co_await store_.set_topic_config(name, topic.config);
  if (!stored) co_return refuse(error_code_of(stored.error().code), stored.error().message);
  apply_config(topic);
  serve(std::move(topic));
  co_return std::monostate{};
}

void Topics::apply_config(const metadata::TopicInfo& topic) {
  const log::LogConfig config = log_config(metadata::TopicConfig::make(config_, topic.config), config_);
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const auto partition = partitions_.find({topic.name, PartitionId(static_cast<std::int32_t>(i))});
    if (partition) partition->log().set_config(config);
  }
}

void Topics::broker_config_changed() {
  broker_defaults_ = metadata::TopicConfig::make(config_, {});
  for (const auto& [name, topic] : image_.topics()) {
    configs_.insert_or_assign(name, metadata::TopicConfig::make(config_, topic.config));
    apply_config(topic);
  }
}

}  // namespace barnabas::broker
