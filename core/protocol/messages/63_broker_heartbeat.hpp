// BrokerHeartbeat (key 63), versions 0-2.
//
// KIP-631. v1 failed log directories (KIP-858); v2 cordoned ones.
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

struct BrokerHeartbeatResponse;

struct BrokerHeartbeatRequest {
  using Response = BrokerHeartbeatResponse;
  static constexpr ApiKey kApiKey = ApiKey::broker_heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t current_metadata_offset = 0;
  bool want_fence = false;
  bool want_shut_down = false;
  std::vector<Uuid> offline_log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("brokerId", &BrokerHeartbeatRequest::broker_id),
                field("brokerEpoch", &BrokerHeartbeatRequest::broker_epoch),
                field("currentMetadataOffset", &BrokerHeartbeatRequest::current_metadata_offset),
                field("wantFence", &BrokerHeartbeatRequest::want_fence),
                field("wantShutDown", &BrokerHeartbeatRequest::want_shut_down),
                field("offlineLogDirs", &BrokerHeartbeatRequest::offline_log_dirs, since(1)).tagged(0),
                field("cordonedLogDirs", &BrokerHeartbeatRequest::cordoned_log_dirs, since(2)).nullable().tagged(1));
  }
};

struct BrokerHeartbeatResponse {
  static constexpr ApiKey kApiKey = ApiKey::broker_heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &BrokerHeartbeatResponse::throttle_time_ms),
                field("errorCode", &BrokerHeartbeatResponse::error_code),
                field("isCaughtUp", &BrokerHeartbeatResponse::is_caught_up),
                field("isFenced", &BrokerHeartbeatResponse::is_fenced),
                field("shouldShutDown", &BrokerHeartbeatResponse::should_shut_down));
  }
};

}  // namespace barnabas::protocol
