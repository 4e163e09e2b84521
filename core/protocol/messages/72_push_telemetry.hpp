// PushTelemetry (key 72), version 0.
//
// Client metrics (KIP-714).
#pragma once

#include <cstdint>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct PushTelemetryResponse;

struct PushTelemetryRequest {
  using Response = PushTelemetryResponse;
  static constexpr ApiKey kApiKey = ApiKey::push_telemetry;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  Uuid client_instance_id;
  std::int32_t subscription_id = 0;
  bool terminating = false;
  std::int8_t compression_type = 0;
  Bytes metrics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clientInstanceId", &PushTelemetryRequest::client_instance_id),
                field("subscriptionId", &PushTelemetryRequest::subscription_id),
                field("terminating", &PushTelemetryRequest::terminating),
                field("compressionType", &PushTelemetryRequest::compression_type),
                field("metrics", &PushTelemetryRequest::metrics));
  }
};

struct PushTelemetryResponse {
  static constexpr ApiKey kApiKey = ApiKey::push_telemetry;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &PushTelemetryResponse::throttle_time_ms),
                field("errorCode", &PushTelemetryResponse::error_code));
  }
};

}  // namespace barnabas::protocol
