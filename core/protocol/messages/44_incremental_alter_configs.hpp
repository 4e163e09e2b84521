// IncrementalAlterConfigs (key 44), versions 0-1.
//
// KIP-339. v1 flexible.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct IncrementalAlterConfigsResponse;

struct IncrementalAlterConfigsRequest {
  using Response = IncrementalAlterConfigsResponse;
  static constexpr ApiKey kApiKey = ApiKey::incremental_alter_configs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;

  struct AlterableConfig {
    String name;
    std::int8_t config_operation = 0;  // 0: set; 1: delete; 2: append; 3: subtract.
    std::optional<String> value;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &AlterableConfig::name),
                  field("configOperation", &AlterableConfig::config_operation),
                  field("value", &AlterableConfig::value).nullable());
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
    return list(field("resources", &IncrementalAlterConfigsRequest::resources),
                field("validateOnly", &IncrementalAlterConfigsRequest::validate_only));
  }
};

struct IncrementalAlterConfigsResponse {
  static constexpr ApiKey kApiKey = ApiKey::incremental_alter_configs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;

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
    return list(field("throttleTimeMs", &IncrementalAlterConfigsResponse::throttle_time_ms),
                field("responses", &IncrementalAlterConfigsResponse::responses));
  }
};

}  // namespace barnabas::protocol
