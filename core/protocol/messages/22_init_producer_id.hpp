// InitProducerId (key 22), versions 0-6.
//
// v2 flexible; v3 an epoch may be bumped (KIP-360); v4-5 other errors; v6 two-phase commit (KIP-939), unstable.
#pragma once

#include <cstdint>
#include <optional>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct InitProducerIdResponse;

struct InitProducerIdRequest {
  using Response = InitProducerIdResponse;
  static constexpr ApiKey kApiKey = ApiKey::init_producer_id;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 2;

  std::optional<String> transactional_id;
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  bool enable2pc = false;
  bool keep_prepared_txn = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("transactionalId", &InitProducerIdRequest::transactional_id).nullable(),
                field("transactionTimeoutMs", &InitProducerIdRequest::transaction_timeout_ms),
                field("producerId", &InitProducerIdRequest::producer_id, since(3)),
                field("producerEpoch", &InitProducerIdRequest::producer_epoch, since(3)),
                field("enable2Pc", &InitProducerIdRequest::enable2pc, since(6)),
                field("keepPreparedTxn", &InitProducerIdRequest::keep_prepared_txn, since(6)));
  }
};

struct InitProducerIdResponse {
  static constexpr ApiKey kApiKey = ApiKey::init_producer_id;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 2;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;
  std::int64_t ongoing_txn_producer_id = -1;
  std::int16_t ongoing_txn_producer_epoch = -1;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &InitProducerIdResponse::throttle_time_ms),
                field("errorCode", &InitProducerIdResponse::error_code),
                field("producerId", &InitProducerIdResponse::producer_id),
                field("producerEpoch", &InitProducerIdResponse::producer_epoch),
                field("ongoingTxnProducerId", &InitProducerIdResponse::ongoing_txn_producer_id, since(6)),
                field("ongoingTxnProducerEpoch", &InitProducerIdResponse::ongoing_txn_producer_epoch, since(6)));
  }
};

}  // namespace barnabas::protocol
