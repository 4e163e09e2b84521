// AlterConfigs (key 33), versions 0-2.
//
// Replaces all configurations of a resource; deprecated in favour of IncrementalAlterConfigs. v2 flexible.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct AlterConfigsResponse;

struct AlterConfigsRequest {
  using Response = AlterConfigsResponse;
  static constexpr ApiKey kApiKey = ApiKey::alter_configs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  struct AlterableConfig {
    String name;
    std::optional<String> value;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &AlterableConfig::name), field("value", &AlterableConfig::value).nullable());
    }
  };

  struct AlterConfigsResource {
    std::int8_t resource_type = 0;  // 2: topic; 4: broker; 8: broker logger; 16: client metrics; 32: group.
    String resource_name;
    std::vector<AlterableConfig> configs;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("resourceType", &AlterConfigsResource::resource_type),
                  field("resourceName", &AlterConfigsResource::resource_name),
                  field("configs", &AlterConfigsResource::configs));
    }
  };

  std::vector<AlterConfigsResource> resources;
  bool validate_only = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("resources", &AlterConfigsRequest::resources),
                field("validateOnly", &AlterConfigsRequest::validate_only));
  }
};

struct AlterConfigsResponse {
  static constexpr ApiKey kApiKey = ApiKey::alter_configs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  struct AlterConfigsResourceResponse {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::int8_t resource_type = 0;
    String resource_name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &AlterConfigsResourceResponse::error_code),
                  field("errorMessage", &AlterConfigsResourceResponse::error_message).nullable(),
                  field("resourceType", &AlterConfigsResourceResponse::resource_type),
                  field("resourceName", &AlterConfigsResourceResponse::resource_name));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<AlterConfigsResourceResponse> responses;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AlterConfigsResponse::throttle_time_ms),
                field("responses", &AlterConfigsResponse::responses));
  }
};

}  // namespace barnabas::protocol
