// EndTxn (key 26), versions 0-5.
//
// v3 flexible; v4 TRANSACTION_ABORTABLE; v5 the response has the epoch of the next transaction (KIP-890).
#pragma once

#include <cstdint>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct EndTxnResponse;

struct EndTxnRequest {
  using Response = EndTxnResponse;
  static constexpr ApiKey kApiKey = ApiKey::end_txn;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 3;

  String transactional_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  bool committed = false;  // False: aborted.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("transactionalId", &EndTxnRequest::transactional_id),
                field("producerId", &EndTxnRequest::producer_id),
                field("producerEpoch", &EndTxnRequest::producer_epoch),
                field("committed", &EndTxnRequest::committed));
  }
};

struct EndTxnResponse {
  static constexpr ApiKey kApiKey = ApiKey::end_txn;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 3;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &EndTxnResponse::throttle_time_ms),
                field("errorCode", &EndTxnResponse::error_code),
                field("producerId", &EndTxnResponse::producer_id, since(5)),
                field("producerEpoch", &EndTxnResponse::producer_epoch, since(5)));
  }
};

}  // namespace barnabas::protocol
