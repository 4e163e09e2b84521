// AlterClientQuotas (key 49), versions 0-1.
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

struct AlterClientQuotasResponse;

struct AlterClientQuotasRequest {
  using Response = AlterClientQuotasResponse;
  static constexpr ApiKey kApiKey = ApiKey::alter_client_quotas;
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

  struct OpData {
    String key;
    double value = 0;
    bool remove = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("key", &OpData::key), field("value", &OpData::value), field("remove", &OpData::remove));
    }
  };

  struct EntryData {
    std::vector<EntityData> entity;
    std::vector<OpData> ops;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("entity", &EntryData::entity), field("ops", &EntryData::ops));
    }
  };

  std::vector<EntryData> entries;
  bool validate_only = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("entries", &AlterClientQuotasRequest::entries),
                field("validateOnly", &AlterClientQuotasRequest::validate_only));
  }
};

struct AlterClientQuotasResponse {
  static constexpr ApiKey kApiKey = ApiKey::alter_client_quotas;
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

  struct EntryData {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::vector<EntityData> entity;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &EntryData::error_code),
                  field("errorMessage", &EntryData::error_message).nullable(),
                  field("entity", &EntryData::entity));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<EntryData> entries;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AlterClientQuotasResponse::throttle_time_ms),
                field("entries", &AlterClientQuotasResponse::entries));
  }
};

}  // namespace barnabas::protocol
