// DescribeConfigs (key 32), versions 0-4.
// Decides: which resource is meant. Does not decide: values and sources (metadata/config.cpp, topic_config.cpp).
// Versions: 0 is_default in place of a source; 1 source and synonyms; 3 type and documentation; 4 flexible.
// Errors: UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION; INVALID_REQUEST for another broker's name or a
//   resource that has no configuration here.
#include <algorithm>

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

constexpr std::int8_t kTopic = 2;
constexpr std::int8_t kBroker = 4;

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

void describe_topic(const RequestContext& context, const DescribeConfigsRequest& request, const Asked& asked,
                    Answer& answer) {
  if (const auto good = metadata::validate_topic_name(asked.resource_name); !good) {
    return refuse(answer, ErrorCode::invalid_topic_exception, good.error().message);
  }
  const metadata::TopicInfo* topic = context.services.topics.image().topic(asked.resource_name);
  if (topic == nullptr) return refuse(answer, ErrorCode::unknown_topic_or_partition, "there is no such topic");
  show_asked(metadata::describe_topic(context.services.config, topic->config), request, asked, answer);
}

void describe_broker(const RequestContext& context, const DescribeConfigsRequest& request, const Asked& asked,
                     Answer& answer) {
  // No name means the defaults that were set for all brokers at run time: none can be set yet.
  if (asked.resource_name.empty()) return;
  if (asked.resource_name.view() != std::to_string(context.services.self.value())) {
    return refuse(
        answer, ErrorCode::invalid_request,
        "this is broker " + std::to_string(context.services.self.value()) + ", not " + asked.resource_name.str());
  }
  show_asked(context.services.config.describe(), request, asked, answer);
}

}  // namespace

Task<DescribeConfigsResponse> handle_describe_configs(RequestContext& context, DescribeConfigsRequest request) {
  DescribeConfigsResponse response;
  for (const Asked& asked : request.resources) {
    Answer& answer = response.results.emplace_back();
    answer.resource_type = asked.resource_type;
    answer.resource_name = asked.resource_name;
    if (asked.resource_type == kTopic) {
      describe_topic(context, request, asked, answer);
    } else if (asked.resource_type == kBroker) {
      describe_broker(context, request, asked, answer);
    } else {
      refuse(answer, ErrorCode::invalid_request, "resources of this type have no configuration here");
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
