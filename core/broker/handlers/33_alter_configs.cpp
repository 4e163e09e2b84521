// AlterConfigs (key 33), versions 0-2.
// Decides: the form of the wish. Does not decide: whose configuration is meant (config_resource.cpp), what becomes of
// it (topics_config.cpp, broker_config.cpp), what is legal (metadata).
// Versions: 2 flexible.
// What is not named goes back to its default. A change is durable and in force when it is answered.
// Errors: those of IncrementalAlterConfigs.
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
  if (const auto good = check_keys_differ(asked.configs); !good) return std::unexpected(good.error());
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

}  // namespace

Task<AlterConfigsResponse> handle_alter_configs(RequestContext& context, AlterConfigsRequest request) {
  return alter_configs<AlterConfigsResponse>(context, std::move(request), to_edit);
}

}  // namespace barnabas::broker
