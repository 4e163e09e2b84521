// IncrementalAlterConfigs (key 44), versions 0-1.
// Decides: the form of the wish. Does not decide: whose configuration is meant (config_resource.cpp), what becomes of
// it (topics_config.cpp, broker_config.cpp), what is legal (metadata).
// Versions: 1 flexible.
// A change is durable and in force when it is answered.
// Errors: INVALID_REQUEST for a key or a resource given twice, a missing value, an unknown operation, another broker's
//   name, a resource that has no configuration here, a broker key that cannot be changed or a bad value of it;
//   INVALID_CONFIG for a bad topic key or value; UNKNOWN_TOPIC_OR_PARTITION; TOPIC_AUTHORIZATION_FAILED,
//   CLUSTER_AUTHORIZATION_FAILED; KAFKA_STORAGE_ERROR.
#include "core/broker/config_resource.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using Asked = IncrementalAlterConfigsRequest::AlterConfigsResource;

ApiResult<metadata::ConfigEdit> to_edit(const Asked& asked) {
  const auto refuse = [](std::string message) {
    return std::unexpected(ApiError{ErrorCode::invalid_request, std::move(message)});
  };
  if (const auto good = check_keys_differ(asked.configs); !good) return std::unexpected(good.error());
  metadata::ConfigEdit edit;
  std::string without_value;
  for (const auto& config : asked.configs) {
    if (config.config_operation < 0 || config.config_operation > 3) {
      return refuse("Unknown operation " + std::to_string(config.config_operation) + " on " + config.name.str());
    }
    const auto op = static_cast<metadata::ConfigOp>(config.config_operation);
    if (!config.value && op != metadata::ConfigOp::remove) {
      without_value += (without_value.empty() ? "" : ",") + config.name.str();
    }
    edit.changes.push_back({config.name.str(), op, config.value ? config.value->str() : ""});
  }
  if (!without_value.empty()) return refuse("Null value not supported for : " + without_value);
  return edit;
}

}  // namespace

Task<IncrementalAlterConfigsResponse> handle_incremental_alter_configs(RequestContext& context,
                                                                       IncrementalAlterConfigsRequest request) {
  return alter_configs<IncrementalAlterConfigsResponse>(context, std::move(request), to_edit);
}

}  // namespace barnabas::broker
