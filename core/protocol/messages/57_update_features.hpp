// UpdateFeatures (key 57), versions 0-2.
//
// KIP-584. v1 upgrade types, validate only; v2 no results for single features in the response.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct UpdateFeaturesResponse;

struct UpdateFeaturesRequest {
  using Response = UpdateFeaturesResponse;
  static constexpr ApiKey kApiKey = ApiKey::update_features;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct FeatureUpdateKey {
    String feature;
    std::int16_t max_version_level = 0;  // Below 1: delete the feature.
    bool allow_downgrade = false;
    std::int8_t upgrade_type = 1;  // 1: upgrade; 2: safe downgrade; 3: unsafe downgrade.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("feature", &FeatureUpdateKey::feature),
                  field("maxVersionLevel", &FeatureUpdateKey::max_version_level),
                  field("allowDowngrade", &FeatureUpdateKey::allow_downgrade, until(0)),
                  field("upgradeType", &FeatureUpdateKey::upgrade_type, since(1)));
    }
  };

  std::int32_t timeout_ms = 60000;
  std::vector<FeatureUpdateKey> feature_updates;
  bool validate_only = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("timeoutMs", &UpdateFeaturesRequest::timeout_ms),
                field("featureUpdates", &UpdateFeaturesRequest::feature_updates),
                field("validateOnly", &UpdateFeaturesRequest::validate_only, since(1)));
  }
};

struct UpdateFeaturesResponse {
  static constexpr ApiKey kApiKey = ApiKey::update_features;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct UpdatableFeatureResult {
    String feature;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("feature", &UpdatableFeatureResult::feature),
                  field("errorCode", &UpdatableFeatureResult::error_code),
                  field("errorMessage", &UpdatableFeatureResult::error_message).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::vector<UpdatableFeatureResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &UpdateFeaturesResponse::throttle_time_ms),
                field("errorCode", &UpdateFeaturesResponse::error_code),
                field("errorMessage", &UpdateFeaturesResponse::error_message).nullable(),
                field("results", &UpdateFeaturesResponse::results, until(1)));
  }
};

}  // namespace barnabas::protocol
