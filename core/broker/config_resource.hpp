// What DescribeConfigs, AlterConfigs and IncrementalAlterConfigs have in common: which resource is meant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/broker/request_context.hpp"
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

// The wish of one client for one resource, from authorization to the disk.
Task<ApiResult<std::monostate>> alter_config(RequestContext& context, ConfigResourceType type, std::string name,
                                             metadata::ConfigEdit edit, bool validate_only);

}  // namespace barnabas::broker
