// DescribeClientQuotas (key 48), versions 0-1.
//
// KIP-546. v1 flexible.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeClientQuotasResponse;

struct DescribeClientQuotasRequest {
  using Response = DescribeClientQuotasResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_client_quotas;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;

  struct ComponentData {
    String entity_type;
    std::int8_t match_type = 0;  // 0: exact name; 1: default; 2: any.
    std::optional<String> match;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("entityType", &ComponentData::entity_type),
                  field("matchType", &ComponentData::match_type),
                  field("match", &ComponentData::match).nullable());
    }
  };

  std::vector<ComponentData> components;
  bool strict = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("components", &DescribeClientQuotasRequest::components),
                field("strict", &DescribeClientQuotasRequest::strict));
  }
};

struct DescribeClientQuotasResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_client_quotas;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;

  struct EntityData {
    String entity_type;
    std::optional<String> entity_name;  // Null: the default.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("entityType", &EntityData::entity_type),
                  field("entityName", &EntityData::entity_name).nullable());
    }
  };

  struct ValueData {
    String key;
    double value = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("key", &ValueData::key), field("value", &ValueData::value));
    }
  };

  struct EntryData {
    std::vector<EntityData> entity;
    std::vector<ValueData> values;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("entity", &EntryData::entity), field("values", &EntryData::values));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::optional<std::vector<EntryData>> entries;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeClientQuotasResponse::throttle_time_ms),
                field("errorCode", &DescribeClientQuotasResponse::error_code),
                field("errorMessage", &DescribeClientQuotasResponse::error_message).nullable(),
                field("entries", &DescribeClientQuotasResponse::entries).nullable());
  }
};

}  // namespace barnabas::protocol
