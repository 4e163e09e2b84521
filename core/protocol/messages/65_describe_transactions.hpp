// DescribeTransactions (key 65), version 0.
//
// KIP-664.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeTransactionsResponse;

struct DescribeTransactionsRequest {
  using Response = DescribeTransactionsResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_transactions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::vector<String> transactional_ids;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("transactionalIds", &DescribeTransactionsRequest::transactional_ids));
  }
};

struct DescribeTransactionsResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_transactions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct TopicData {
    String topic;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &TopicData::topic), field("partitions", &TopicData::partitions));
    }
  };

  struct TransactionState {
    ErrorCode error_code = ErrorCode::none;
    String transactional_id;
    String transaction_state;
    std::int32_t transaction_timeout_ms = 0;
    std::int64_t transaction_start_time_ms = 0;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::vector<TopicData> topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &TransactionState::error_code),
                  field("transactionalId", &TransactionState::transactional_id),
                  field("transactionState", &TransactionState::transaction_state),
                  field("transactionTimeoutMs", &TransactionState::transaction_timeout_ms),
                  field("transactionStartTimeMs", &TransactionState::transaction_start_time_ms),
                  field("producerId", &TransactionState::producer_id),
                  field("producerEpoch", &TransactionState::producer_epoch),
                  field("topics", &TransactionState::topics));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<TransactionState> transaction_states;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeTransactionsResponse::throttle_time_ms),
                field("transactionStates", &DescribeTransactionsResponse::transaction_states));
  }
};

}  // namespace barnabas::protocol
