// Records of __transaction_state: one transactional id. A null value deletes it.
//
// Their bytes begin with the int16 version: see versioned.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct TransactionLogKey {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = kNeverFlexible;

  String transactional_id;

  static constexpr auto fields(auto list) {
    return list(field("transactionalId", &TransactionLogKey::transactional_id));
  }
};

struct TransactionLogValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;

  struct PartitionsSchema {
    String topic;
    std::vector<std::int32_t> partition_ids;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &PartitionsSchema::topic), field("partitionIds", &PartitionsSchema::partition_ids));
    }
  };

  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t transaction_timeout_ms = 0;
  std::int8_t transaction_status = 0;  // 0 empty, 1 ongoing, 2-3 prepared, 4-5 complete (commit, abort), 6 dead.
  std::optional<std::vector<PartitionsSchema>> transaction_partitions;
  std::int64_t transaction_last_update_timestamp_ms = 0;
  std::int64_t transaction_start_timestamp_ms = 0;
  // Written by Kafka 4 alone (KIP-890, KIP-939).
  std::int64_t previous_producer_id = -1;
  std::int64_t next_producer_id = -1;
  std::int16_t client_transaction_version = 0;
  std::int16_t next_producer_epoch = -1;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("producerId", &TransactionLogValue::producer_id),
                field("producerEpoch", &TransactionLogValue::producer_epoch),
                field("transactionTimeoutMs", &TransactionLogValue::transaction_timeout_ms),
                field("transactionStatus", &TransactionLogValue::transaction_status),
                field("transactionPartitions", &TransactionLogValue::transaction_partitions).nullable(),
                field("transactionLastUpdateTimestampMs", &TransactionLogValue::transaction_last_update_timestamp_ms),
                field("transactionStartTimestampMs", &TransactionLogValue::transaction_start_timestamp_ms),
                field("previousProducerId", &TransactionLogValue::previous_producer_id, since(1)).tagged(0),
                field("nextProducerId", &TransactionLogValue::next_producer_id, since(1)).tagged(1),
                field("clientTransactionVersion", &TransactionLogValue::client_transaction_version, since(1)).tagged(2),
                field("nextProducerEpoch", &TransactionLogValue::next_producer_epoch, since(1)).tagged(3));
  }
};

}  // namespace barnabas::protocol
