// AlterConfigs (key 33), versions 0-2.
// Decides: the form of the wish. Does not decide: whose configuration is meant (config_resource.cpp), what becomes of
// it (topics_config.cpp, broker_config.cpp), what is legal (metadata).
// Versions: 2 flexible.
// What is not named goes back to its default. A change is durable and in force when it is answered.
// Errors: those of IncrementalAlterConfigs.
#include <map>
#include <set>

#include "core/broker/config_resource.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::ErrorCode;
using Asked = AlterConfigsRequest::AlterConfigsResource;

ApiResult<metadata::ConfigEdit> to_edit(const Asked& asked) {
  metadata::ConfigEdit edit;
  edit.replace = true;
  std::string without_value;
  for (const auto& config : asked.configs) {
    if (!config.value) without_value += (without_value.empty() ? "" : ",") + config.name.str();
    const std::string value = config.value ? config.value->str() : "";
    edit.changes.push_back({config.name.str(), metadata::ConfigOp::set, value});
  }
  if (without_value.empty()) return edit;
  return std::unexpected(ApiError{ErrorCode::invalid_request, "Null value not supported for : " + without_value});
}

Task<ApiResult<std::monostate>> alter(RequestContext& context, const Asked& asked, bool validate_only) {
  ApiResult<metadata::ConfigEdit> edit = to_edit(asked);
  if (!edit) co_return std::unexpected(edit.error());
  const auto type = static_cast<ConfigResourceType>(asked.resource_type);
  std::string name = asked.resource_name.str();
  co_return co_await alter_config(context, type, std::move(name), *std::move(edit), validate_only);
}

}  // namespace

Task<AlterConfigsResponse> handle_alter_configs(RequestContext& context, AlterConfigsRequest request) {
  AlterConfigsResponse response;
  std::map<std::pair<std::int8_t, std::string_view>, int> times;
  for (const Asked& asked : request.resources) ++times[{asked.resource_type, asked.resource_name.view()}];
  for (const Asked& asked : request.resources) {
    ApiResult<std::monostate> done;
    if (times[{asked.resource_type, asked.resource_name.view()}] > 1) {
      done = std::unexpected(ApiError{ErrorCode::invalid_request, "Each resource must appear at most once."});
    } else {
      done = co_await alter(context, asked, request.validate_only);
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
