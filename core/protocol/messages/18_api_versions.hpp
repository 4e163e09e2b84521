// ApiVersions (key 18), versions 0-5.
//
// v3 flexible, client software (KIP-511), features (KIP-584); v4 features with minimum 0 are listed; v5 whom the
// client means to reach. A request that is too new is answered in v0 with UNSUPPORTED_VERSION and the range of
// this API.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ApiVersionsResponse;

struct ApiVersionsRequest {
  using Response = ApiVersionsResponse;
  static constexpr ApiKey kApiKey = ApiKey::api_versions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 3;

  String client_software_name;
  String client_software_version;
  std::optional<String> cluster_id;
  std::int32_t node_id = -1;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clientSoftwareName", &ApiVersionsRequest::client_software_name, since(3)),
                field("clientSoftwareVersion", &ApiVersionsRequest::client_software_version, since(3)),
                field("clusterId", &ApiVersionsRequest::cluster_id, since(5)).nullable(),
                field("nodeId", &ApiVersionsRequest::node_id, since(5)));
  }
};

struct ApiVersionsResponse {
  static constexpr ApiKey kApiKey = ApiKey::api_versions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 3;

  struct ApiVersion {
    ApiKey api_key{};
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("apiKey", &ApiVersion::api_key),
                  field("minVersion", &ApiVersion::min_version),
                  field("maxVersion", &ApiVersion::max_version));
    }
  };

  struct SupportedFeatureKey {
    String name;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &SupportedFeatureKey::name),
                  field("minVersion", &SupportedFeatureKey::min_version),
                  field("maxVersion", &SupportedFeatureKey::max_version));
    }
  };

  struct FinalizedFeatureKey {
    String name;
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &FinalizedFeatureKey::name),
                  field("maxVersionLevel", &FinalizedFeatureKey::max_version_level),
                  field("minVersionLevel", &FinalizedFeatureKey::min_version_level));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<ApiVersion> api_keys;
  std::int32_t throttle_time_ms = 0;
  std::vector<SupportedFeatureKey> supported_features;
  std::int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeatureKey> finalized_features;
  bool zk_migration_ready = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &ApiVersionsResponse::error_code),
                field("apiKeys", &ApiVersionsResponse::api_keys),
                field("throttleTimeMs", &ApiVersionsResponse::throttle_time_ms, since(1)),
                field("supportedFeatures", &ApiVersionsResponse::supported_features, since(3)).tagged(0),
                field("finalizedFeaturesEpoch", &ApiVersionsResponse::finalized_features_epoch, since(3)).tagged(1),
                field("finalizedFeatures", &ApiVersionsResponse::finalized_features, since(3)).tagged(2),
                field("zkMigrationReady", &ApiVersionsResponse::zk_migration_ready, since(3)).tagged(3));
  }
};

}  // namespace barnabas::protocol
