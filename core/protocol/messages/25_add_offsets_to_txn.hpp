// AddOffsetsToTxn (key 25), versions 0-4.
//
// v3 flexible; v4 TRANSACTION_ABORTABLE (KIP-890).
#pragma once

#include <cstdint>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct AddOffsetsToTxnResponse;

struct AddOffsetsToTxnRequest {
  using Response = AddOffsetsToTxnResponse;
  static constexpr ApiKey kApiKey = ApiKey::add_offsets_to_txn;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 3;

  String transactional_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  String group_id;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("transactionalId", &AddOffsetsToTxnRequest::transactional_id),
                field("producerId", &AddOffsetsToTxnRequest::producer_id),
                field("producerEpoch", &AddOffsetsToTxnRequest::producer_epoch),
                field("groupId", &AddOffsetsToTxnRequest::group_id));
  }
};

struct AddOffsetsToTxnResponse {
  static constexpr ApiKey kApiKey = ApiKey::add_offsets_to_txn;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 3;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AddOffsetsToTxnResponse::throttle_time_ms),
                field("errorCode", &AddOffsetsToTxnResponse::error_code));
  }
};

}  // namespace barnabas::protocol
