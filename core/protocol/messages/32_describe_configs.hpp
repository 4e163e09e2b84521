// DescribeConfigs (key 32), versions 0-4.
//
// v1 sources and synonyms in place of isDefault; v3 types and documentation; v4 flexible.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeConfigsResponse;

struct DescribeConfigsRequest {
  using Response = DescribeConfigsResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_configs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 4;

  struct DescribeConfigsResource {
    std::int8_t resource_type = 0;  // 2: topic; 4: broker; 8: broker logger.
    String resource_name;
    std::optional<std::vector<String>> configuration_keys;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("resourceType", &DescribeConfigsResource::resource_type),
                  field("resourceName", &DescribeConfigsResource::resource_name),
                  field("configurationKeys", &DescribeConfigsResource::configuration_keys).nullable());
    }
  };

  std::vector<DescribeConfigsResource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("resources", &DescribeConfigsRequest::resources),
                field("includeSynonyms", &DescribeConfigsRequest::include_synonyms, since(1)),
                field("includeDocumentation", &DescribeConfigsRequest::include_documentation, since(3)));
  }
};

struct DescribeConfigsResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_configs;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 4;

  struct DescribeConfigsSynonym {
    String name;
    std::optional<String> value;
    std::int8_t source = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &DescribeConfigsSynonym::name),
                  field("value", &DescribeConfigsSynonym::value).nullable(),
                  field("source", &DescribeConfigsSynonym::source));
    }
  };

  struct DescribeConfigsResourceResult {
    String name;
    std::optional<String> value;
    bool read_only = false;
    bool is_default = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<DescribeConfigsSynonym> synonyms;
    std::int8_t config_type = 0;
    std::optional<String> documentation;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &DescribeConfigsResourceResult::name),
                  field("value", &DescribeConfigsResourceResult::value).nullable(),
                  field("readOnly", &DescribeConfigsResourceResult::read_only),
                  field("isDefault", &DescribeConfigsResourceResult::is_default, until(0)),
                  field("configSource", &DescribeConfigsResourceResult::config_source, since(1)),
                  field("isSensitive", &DescribeConfigsResourceResult::is_sensitive),
                  field("synonyms", &DescribeConfigsResourceResult::synonyms, since(1)),
                  field("configType", &DescribeConfigsResourceResult::config_type, since(3)),
                  field("documentation", &DescribeConfigsResourceResult::documentation, since(3)).nullable());
    }
  };

  struct DescribeConfigsResult {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::int8_t resource_type = 0;
    String resource_name;
    std::vector<DescribeConfigsResourceResult> configs;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &DescribeConfigsResult::error_code),
                  field("errorMessage", &DescribeConfigsResult::error_message).nullable(),
                  field("resourceType", &DescribeConfigsResult::resource_type),
                  field("resourceName", &DescribeConfigsResult::resource_name),
                  field("configs", &DescribeConfigsResult::configs));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeConfigsResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeConfigsResponse::throttle_time_ms),
                field("results", &DescribeConfigsResponse::results));
  }
};

}  // namespace barnabas::protocol
