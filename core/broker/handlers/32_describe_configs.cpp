// DescribeConfigs (key 32), versions 0-4.
// Decides: which resource is meant. Does not decide: values and sources (metadata/config.cpp, topic_config.cpp).
// Versions: 0 is_default in place of a source; 1 source and synonyms; 3 type and documentation; 4 flexible.
// A broker without a name means what was set for all brokers at run time. Levels of logging are fixed: `root` shows
// the one there is.
// Errors: UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION; INVALID_REQUEST for another broker's name or a
//   resource that has no configuration here; TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED.
#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "core/async/pace.hpp"
#include "core/broker/config_resource.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using Asked = DescribeConfigsRequest::DescribeConfigsResource;
using Answer = DescribeConfigsResponse::DescribeConfigsResult;

// The source of a logger's level.
constexpr std::int8_t kLoggerSource = 6;

void refuse(Answer& answer, ErrorCode code, std::string message) {
  answer.error_code = code;
  answer.error_message = std::move(message);
}

void show(const metadata::ConfigEntry& entry, const DescribeConfigsRequest& request, Answer& answer) {
  auto& shown = answer.configs.emplace_back();
  shown.name = entry.name;
  if (entry.value) shown.value = *entry.value;
  shown.read_only = entry.read_only;
  shown.is_default = entry.is_default();
  shown.config_source = static_cast<std::int8_t>(entry.source);
  shown.is_sensitive = entry.is_sensitive;
  shown.config_type = static_cast<std::int8_t>(entry.type);
  if (request.include_documentation) shown.documentation = entry.documentation;
  if (!request.include_synonyms) return;
  for (const metadata::ConfigSynonym& synonym : entry.synonyms) {
    auto& also = shown.synonyms.emplace_back();
    also.name = synonym.name;
    if (synonym.value) also.value = *synonym.value;
    also.source = static_cast<std::int8_t>(synonym.source);
  }
}

void show_asked(const std::vector<metadata::ConfigEntry>& entries, const DescribeConfigsRequest& request,
                const Asked& asked, Answer& answer) {
  const bool all = !asked.configuration_keys || asked.configuration_keys->empty();
  for (const metadata::ConfigEntry& entry : entries) {
    const auto named = [&](const protocol::String& key) { return key.view() == entry.name; };
    if (all || std::ranges::any_of(*asked.configuration_keys, named)) show(entry, request, answer);
  }
}

Task<void> describe_topic(RequestContext& context, const DescribeConfigsRequest& request, const Asked& asked,
                          Answer& answer) {
  if (const auto good = metadata::validate_topic_name(asked.resource_name); !good) {
    refuse(answer, ErrorCode::invalid_topic_exception, good.error().message);
    co_return;
  }
  std::string name = asked.resource_name.str();
  const ApiResult<metadata::Overrides> overrides = co_await context.services.topics.overrides_of(std::move(name));
  if (!overrides) {
    refuse(answer, overrides.error().code, overrides.error().message);
    co_return;
  }
  show_asked(metadata::describe_topic(context.services.config, *overrides), request, asked, answer);
}

void describe_broker(const RequestContext& context, const DescribeConfigsRequest& request, const Asked& asked,
                     Answer& answer) {
  const metadata::Config& config = context.services.config;
  if (asked.resource_name.empty()) return show_asked(config.describe_dynamic_defaults(), request, asked, answer);
  if (const auto own = check_broker_name(context, asked.resource_name, true); !own) {
    return refuse(answer, own.error().code, own.error().message);
  }
  show_asked(config.describe(), request, asked, answer);
}

void describe_loggers(const RequestContext& context, const Asked& asked, Answer& answer) {
  if (asked.resource_name.empty()) return refuse(answer, ErrorCode::invalid_request, "Broker id must not be empty");
  if (const auto own = check_broker_name(context, asked.resource_name, false); !own) {
    return refuse(answer, own.error().code, own.error().message);
  }
  auto& root = answer.configs.emplace_back();
  root.name = "root";
  root.value = "INFO";
  root.read_only = true;
  root.config_source = kLoggerSource;
}

Task<void> describe(RequestContext& context, const DescribeConfigsRequest& request, const Asked& asked,
                    Answer& answer) {
  const auto type = static_cast<ConfigResourceType>(asked.resource_type);
  const ErrorCode denied = check_config_access(context, Operation::describe_configs, type, asked.resource_name);
  if (denied != ErrorCode::none) {
    refuse(answer, denied, "not allowed");
    co_return;
  }
  switch (type) {
    case ConfigResourceType::topic: co_await describe_topic(context, request, asked, answer); break;
    case ConfigResourceType::broker: describe_broker(context, request, asked, answer); break;
    case ConfigResourceType::broker_logger: describe_loggers(context, asked, answer); break;
    case ConfigResourceType::client_metrics:
      refuse(answer, ErrorCode::invalid_request, "Config type client-metrics is only supported on KRaft clusters");
      break;
    default:
      refuse(answer, ErrorCode::invalid_request, "Unsupported resource type: " + std::to_string(asked.resource_type));
  }
}

}  // namespace

Task<DescribeConfigsResponse> handle_describe_configs(RequestContext& context, DescribeConfigsRequest request) {
  DescribeConfigsResponse response;
  // Once each, however often it is asked for: a name of a few bytes is answered with kilobytes.
  std::set<std::pair<std::int8_t, std::string_view>> seen;
  Pace pace(context.services.env.executor);
  for (const Asked& asked : request.resources) {
    co_await pace.step();
    if (!seen.emplace(asked.resource_type, asked.resource_name.view()).second) continue;
    Answer& answer = response.results.emplace_back();
    answer.resource_type = asked.resource_type;
    answer.resource_name = asked.resource_name;
    co_await describe(context, request, asked, answer);
  }
  co_return response;
}

}  // namespace barnabas::broker
