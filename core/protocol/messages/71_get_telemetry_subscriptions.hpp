// GetTelemetrySubscriptions (key 71), version 0.
//
// Client metrics (KIP-714).
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct GetTelemetrySubscriptionsResponse;

struct GetTelemetrySubscriptionsRequest {
  using Response = GetTelemetrySubscriptionsResponse;
  static constexpr ApiKey kApiKey = ApiKey::get_telemetry_subscriptions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  Uuid client_instance_id;  // Zero in a first request: the broker assigns one.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clientInstanceId", &GetTelemetrySubscriptionsRequest::client_instance_id));
  }
};

struct GetTelemetrySubscriptionsResponse {
  static constexpr ApiKey kApiKey = ApiKey::get_telemetry_subscriptions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  Uuid client_instance_id;
  std::int32_t subscription_id = 0;
  std::vector<std::int8_t> accepted_compression_types;
  std::int32_t push_interval_ms = 0;
  std::int32_t telemetry_max_bytes = 0;
  bool delta_temporality = false;
  std::vector<String> requested_metrics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &GetTelemetrySubscriptionsResponse::throttle_time_ms),
                field("errorCode", &GetTelemetrySubscriptionsResponse::error_code),
                field("clientInstanceId", &GetTelemetrySubscriptionsResponse::client_instance_id),
                field("subscriptionId", &GetTelemetrySubscriptionsResponse::subscription_id),
                field("acceptedCompressionTypes", &GetTelemetrySubscriptionsResponse::accepted_compression_types),
                field("pushIntervalMs", &GetTelemetrySubscriptionsResponse::push_interval_ms),
                field("telemetryMaxBytes", &GetTelemetrySubscriptionsResponse::telemetry_max_bytes),
                field("deltaTemporality", &GetTelemetrySubscriptionsResponse::delta_temporality),
                field("requestedMetrics", &GetTelemetrySubscriptionsResponse::requested_metrics));
  }
};

}  // namespace barnabas::protocol
