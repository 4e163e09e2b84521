// Configuration of topics that are there.
#include <utility>

#include "core/broker/detached.hpp"
#include "core/broker/error_mapping.hpp"
#include "core/broker/topics.hpp"
#include "core/metadata/topic_definitions.hpp"

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

Task<ApiResult<metadata::Overrides>> Topics::overrides_of(std::string name) {
  if (metadata_.image().topic(name) == nullptr) {
    co_return refuse(ErrorCode::unknown_topic_or_partition, "The topic '" + name + "' does not exist.");
  }
  Result<metadata::Overrides> read = co_await metadata::load_topic_overrides(zookeeper_, std::move(name));
  if (!read) co_return refuse(error_code_of(read.error().code), read.error().message);
  co_return *std::move(read);
}

Task<ApiResult<std::monostate>> Topics::alter_config(std::string name, metadata::ConfigEdit edit, bool validate_only) {
  return detached(env_.executor, scope_, alter_config_in_turn(std::move(name), std::move(edit), validate_only));
}

Task<ApiResult<std::monostate>> Topics::alter_config_in_turn(std::string name, metadata::ConfigEdit edit,
                                                             bool validate_only) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return refuse(ErrorCode::broker_not_available, "the broker is stopping");
  std::string topic = name;
  ApiResult<metadata::Overrides> before = co_await overrides_of(std::move(topic));
  if (!before) co_return std::unexpected(before.error());
  Result<metadata::Overrides> after = metadata::apply(edit, *std::move(before), &metadata::find_topic_key);
  if (!after) co_return refuse(ErrorCode::invalid_config, after.error().message);
  if (const auto good = metadata::check_topic_overrides(config_, *after); !good) {
    co_return refuse(ErrorCode::invalid_config, in_context(name, good.error().message));
  }
  if (validate_only) co_return std::monostate{};
  const Result<void> stored = co_await store_.set_topic_config(name, *after);
  if (!stored && stored.error().code == Errc::not_found) {
    co_return refuse(ErrorCode::unknown_topic_or_partition, "The topic '" + name + "' does not exist.");
  }
  if (!stored) co_return refuse(error_code_of(stored.error().code), stored.error().message);
  configs_.put(name, *std::move(after));
  co_return std::monostate{};
}

}  // namespace barnabas::broker
