// What DescribeConfigs, AlterConfigs and IncrementalAlterConfigs have in common: which resource is meant.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/async/pace.hpp"
#include "core/broker/request_context.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/metadata/config_change.hpp"

namespace barnabas::broker {

// The numbers are the protocol's.
enum class ConfigResourceType : std::int8_t {
  unknown = 0,
  topic = 2,
  broker = 4,
  broker_logger = 8,
  client_metrics = 16
};

// Whether the one who asks may do this with the configuration of such a resource; the error if not.
protocol::ErrorCode check_config_access(const RequestContext& context, Operation operation, ConfigResourceType type,
                                        std::string_view name);

// Whether the name of a broker resource is this broker's. INVALID_REQUEST otherwise. or_empty: the empty name stands
// for all brokers, and would have been legal.
ApiResult<std::monostate> check_broker_name(const RequestContext& context, std::string_view name, bool or_empty);

// INVALID_REQUEST when a key is given twice, which Kafka tells before anything else that is wrong with the form.
// Configs: a list of things with a name.
template <class Configs>
ApiResult<std::monostate> check_keys_differ(const Configs& configs) {
  std::set<std::string_view> names;
  for (const auto& config : configs) {
    if (names.insert(config.name.view()).second) continue;
    return std::unexpected(ApiError{protocol::ErrorCode::invalid_request, "Error due to duplicate config keys"});
  }
  return std::monostate{};
}

// The wish of one client for one resource, from authorization to the disk.
Task<ApiResult<std::monostate>> alter_config(RequestContext& context, ConfigResourceType type, std::string name,
                                             metadata::ConfigEdit edit, bool validate_only);

// The wishes of one request, AlterConfigs' or IncrementalAlterConfigs', one after the other. A resource that is named
// twice gets INVALID_REQUEST and no change. to_edit: the form of the wish, and what is wrong with it.
template <class Response, class Request, class Asked>
Task<Response> alter_configs(RequestContext& context, Request request,
                             ApiResult<metadata::ConfigEdit> (*to_edit)(const Asked&)) {
  Response response;
  Pace pace(context.services.env.executor);
  std::map<std::pair<std::int8_t, std::string_view>, int> times;
  for (const Asked& asked : request.resources) {
    co_await pace.step();
    ++times[{asked.resource_type, asked.resource_name.view()}];
  }
  for (const Asked& asked : request.resources) {
    co_await pace.step();
    ApiResult<std::monostate> done;
    ApiResult<metadata::ConfigEdit> edit = to_edit(asked);
    if (times[{asked.resource_type, asked.resource_name.view()}] > 1) {
      done = std::unexpected(ApiError{protocol::ErrorCode::invalid_request, "Each resource must appear at most once."});
    } else if (!edit) {
      done = std::unexpected(edit.error());
    } else {
      const auto type = static_cast<ConfigResourceType>(asked.resource_type);
      std::string name = asked.resource_name.str();
      done = co_await alter_config(context, type, std::move(name), *std::move(edit), request.validate_only);
    }
    auto& answer = response.responses.emplace_back();
    answer.resource_type = asked.resource_type;
    answer.resource_name = asked.resource_name;
    if (done) continue;
    answer.error_code = done.error().code;
    answer.error_message = protocol::String(done.error().message);
  }
  co_return response;
}

}  // namespace barnabas::broker
