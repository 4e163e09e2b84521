// ListTransactions (key 66), versions 0-2.
//
// KIP-664. v1 by duration (KIP-994); v2 by pattern.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ListTransactionsResponse;

struct ListTransactionsRequest {
  using Response = ListTransactionsResponse;
  static constexpr ApiKey kApiKey = ApiKey::list_transactions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  std::vector<String> state_filters;
  std::vector<std::int64_t> producer_id_filters;
  std::int64_t duration_filter = -1;
  std::optional<String> transactional_id_pattern;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(
        field("stateFilters", &ListTransactionsRequest::state_filters),
        field("producerIdFilters", &ListTransactionsRequest::producer_id_filters),
        field("durationFilter", &ListTransactionsRequest::duration_filter, since(1)),
        field("transactionalIdPattern", &ListTransactionsRequest::transactional_id_pattern, since(2)).nullable());
  }
};

struct ListTransactionsResponse {
  static constexpr ApiKey kApiKey = ApiKey::list_transactions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct TransactionState {
    String transactional_id;
    std::int64_t producer_id = 0;
    String transaction_state;  // Ongoing, PrepareCommit, ... as Kafka names them.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("transactionalId", &TransactionState::transactional_id),
                  field("producerId", &TransactionState::producer_id),
                  field("transactionState", &TransactionState::transaction_state));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<String> unknown_state_filters;
  std::vector<TransactionState> transaction_states;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ListTransactionsResponse::throttle_time_ms),
                field("errorCode", &ListTransactionsResponse::error_code),
                field("unknownStateFilters", &ListTransactionsResponse::unknown_state_filters),
                field("transactionStates", &ListTransactionsResponse::transaction_states));
  }
};

}  // namespace barnabas::protocol
