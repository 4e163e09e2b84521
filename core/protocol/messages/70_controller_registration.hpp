// ControllerRegistration (key 70), version 0.
//
// KRaft controllers register their endpoints (KIP-919).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ControllerRegistrationResponse;

struct ControllerRegistrationRequest {
  using Response = ControllerRegistrationResponse;
  static constexpr ApiKey kApiKey = ApiKey::controller_registration;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct Listener {
    String name;
    String host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &Listener::name),
                  field("host", &Listener::host),
                  field("port", &Listener::port),
                  field("securityProtocol", &Listener::security_protocol));
    }
  };

  struct Feature {
    String name;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &Feature::name),
                  field("minSupportedVersion", &Feature::min_supported_version),
                  field("maxSupportedVersion", &Feature::max_supported_version));
    }
  };

  std::int32_t controller_id = 0;
  Uuid incarnation_id;
  bool zk_migration_ready = false;
  std::vector<Listener> listeners;
  std::vector<Feature> features;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("controllerId", &ControllerRegistrationRequest::controller_id),
                field("incarnationId", &ControllerRegistrationRequest::incarnation_id),
                field("zkMigrationReady", &ControllerRegistrationRequest::zk_migration_ready),
                field("listeners", &ControllerRegistrationRequest::listeners),
                field("features", &ControllerRegistrationRequest::features));
  }
};

struct ControllerRegistrationResponse {
  static constexpr ApiKey kApiKey = ApiKey::controller_registration;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ControllerRegistrationResponse::throttle_time_ms),
                field("errorCode", &ControllerRegistrationResponse::error_code),
                field("errorMessage", &ControllerRegistrationResponse::error_message).nullable());
  }
};

}  // namespace barnabas::protocol
