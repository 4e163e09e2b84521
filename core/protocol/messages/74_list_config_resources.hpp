// ListConfigResources (key 74), versions 0-1.
//
// ListClientMetricsResources until Kafka 4.1, whose v0 lists client metrics alone (KIP-714). v1 resource types
// (KIP-1142).
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ListConfigResourcesResponse;

struct ListConfigResourcesRequest {
  using Response = ListConfigResourcesResponse;
  static constexpr ApiKey kApiKey = ApiKey::list_config_resources;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  std::vector<std::int8_t> resource_types;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("resourceTypes", &ListConfigResourcesRequest::resource_types, since(1)));
  }
};

struct ListConfigResourcesResponse {
  static constexpr ApiKey kApiKey = ApiKey::list_config_resources;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct ConfigResource {
    String resource_name;
    std::int8_t resource_type = 16;  // 2: topic; 4: broker; 8: broker logger; 16: client metrics; 32: group.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("resourceName", &ConfigResource::resource_name),
                  field("resourceType", &ConfigResource::resource_type, since(1)));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<ConfigResource> config_resources;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ListConfigResourcesResponse::throttle_time_ms),
                field("errorCode", &ListConfigResourcesResponse::error_code),
                field("configResources", &ListConfigResourcesResponse::config_resources));
  }
};

}  // namespace barnabas::protocol
