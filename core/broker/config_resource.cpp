#include "core/broker/config_resource.hpp"

#include <charconv>

#include "core/broker/broker_config.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

std::unexpected<ApiError> refuse(ErrorCode code, std::string message) {
  return std::unexpected(ApiError{code, std::move(message)});
}

std::string_view name_of(ConfigResourceType type) {
  switch (type) {
    case ConfigResourceType::unknown: return "UNKNOWN";
    case ConfigResourceType::topic: return "TOPIC";
    case ConfigResourceType::broker: return "BROKER";
    case ConfigResourceType::broker_logger: return "BROKER_LOGGER";
    case ConfigResourceType::client_metrics: return "CLIENT_METRICS";
  }
  return "UNKNOWN";
}

}  // namespace

ErrorCode check_config_access(const RequestContext& context, Operation operation, ConfigResourceType type,
                              std::string_view name) {
  if (type == ConfigResourceType::topic) {
    return context.allowed(operation, Resource::topic, name) ? ErrorCode::none : ErrorCode::topic_authorization_failed;
  }
  return context.allowed(operation, Resource::cluster, kClusterResource) ? ErrorCode::none
                                                                         : ErrorCode::cluster_authorization_failed;
}

ApiResult<std::monostate> check_broker_name(const RequestContext& context, std::string_view name, bool or_empty) {
  std::int32_t id = -1;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc() || stop != name.data() + name.size()) {
    return refuse(ErrorCode::invalid_request, "Broker id must be an integer, but it is: " + std::string(name));
  }
  if (BrokerId(id) == context.services.self) return std::monostate{};
  return refuse(ErrorCode::invalid_request,
                "Unexpected broker id, expected " + std::to_string(context.services.self.value()) +
                    (or_empty ? " or empty string" : "") + ", but received " + std::string(name));
}

Task<ApiResult<std::monostate>> alter_config(RequestContext& context, ConfigResourceType type, std::string name,
                                             metadata::ConfigEdit edit, bool validate_only) {
  if (const ErrorCode denied = check_config_access(context, Operation::alter_configs, type, name);
      denied != ErrorCode::none) {
    co_return refuse(denied, "not allowed");
  }
  if (type == ConfigResourceType::topic) {
    if (name.empty()) co_return refuse(ErrorCode::invalid_request, "Default topic resources are not allowed.");
    co_return co_await context.services.topics.alter_config(std::move(name), std::move(edit), validate_only);
  }
  if (type == ConfigResourceType::broker) {
    using metadata::ConfigSource;
    if (!name.empty()) {
      if (auto own = check_broker_name(context, name, false); !own) co_return own;
    }
    const ConfigSource layer = name.empty() ? ConfigSource::dynamic_default_broker : ConfigSource::dynamic_broker;
    co_return co_await context.services.broker_config.alter(layer, std::move(edit), validate_only);
  }
  co_return refuse(
      ErrorCode::invalid_request,
      "AlterConfigs is only supported for topics and brokers, but resource type is " + std::string(name_of(type)));
}

}  // namespace barnabas::broker
