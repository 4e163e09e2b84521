// BrokerRegistration (key 62), versions 0-4.
//
// A broker registers with the KRaft controller (KIP-631). v1 migration from ZooKeeper; v2 log directories; v3
// previous epoch; v4 features with minimum 0.
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

struct BrokerRegistrationResponse;

struct BrokerRegistrationRequest {
  using Response = BrokerRegistrationResponse;
  static constexpr ApiKey kApiKey = ApiKey::broker_registration;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 0;

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

  std::int32_t broker_id = 0;
  String cluster_id;
  Uuid incarnation_id;
  std::vector<Listener> listeners;
  std::vector<Feature> features;
  std::optional<String> rack;
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs;
  std::int64_t previous_broker_epoch = -1;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("brokerId", &BrokerRegistrationRequest::broker_id),
                field("clusterId", &BrokerRegistrationRequest::cluster_id),
                field("incarnationId", &BrokerRegistrationRequest::incarnation_id),
                field("listeners", &BrokerRegistrationRequest::listeners),
                field("features", &BrokerRegistrationRequest::features),
                field("rack", &BrokerRegistrationRequest::rack).nullable(),
                field("isMigratingZkBroker", &BrokerRegistrationRequest::is_migrating_zk_broker, since(1)),
                field("logDirs", &BrokerRegistrationRequest::log_dirs, since(2)),
                field("previousBrokerEpoch", &BrokerRegistrationRequest::previous_broker_epoch, since(3)));
  }
};

struct BrokerRegistrationResponse {
  static constexpr ApiKey kApiKey = ApiKey::broker_registration;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t broker_epoch = -1;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &BrokerRegistrationResponse::throttle_time_ms),
                field("errorCode", &BrokerRegistrationResponse::error_code),
                field("brokerEpoch", &BrokerRegistrationResponse::broker_epoch));
  }
};

}  // namespace barnabas::protocol
