// AllocateProducerIds (key 67), version 0.
//
// A broker gets a block of producer ids from the controller (KIP-730).
#pragma once

#include <cstdint>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct AllocateProducerIdsResponse;

struct AllocateProducerIdsRequest {
  using Response = AllocateProducerIdsResponse;
  static constexpr ApiKey kApiKey = ApiKey::allocate_producer_ids;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("brokerId", &AllocateProducerIdsRequest::broker_id),
                field("brokerEpoch", &AllocateProducerIdsRequest::broker_epoch));
  }
};

struct AllocateProducerIdsResponse {
  static constexpr ApiKey kApiKey = ApiKey::allocate_producer_ids;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id_start = 0;
  std::int32_t producer_id_len = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AllocateProducerIdsResponse::throttle_time_ms),
                field("errorCode", &AllocateProducerIdsResponse::error_code),
                field("producerIdStart", &AllocateProducerIdsResponse::producer_id_start),
                field("producerIdLen", &AllocateProducerIdsResponse::producer_id_len));
  }
};

}  // namespace barnabas::protocol
