// AddPartitionsToTxn (key 24), versions 0-5.
//
// v3 flexible; v4 several transactions at once, for brokers that verify (KIP-890); v5 TRANSACTION_ABORTABLE.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct AddPartitionsToTxnResponse;

struct AddPartitionsToTxnRequest {
  using Response = AddPartitionsToTxnResponse;
  static constexpr ApiKey kApiKey = ApiKey::add_partitions_to_txn;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 3;

  struct AddPartitionsToTxnTopic {
    String name;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &AddPartitionsToTxnTopic::name),
                  field("partitions", &AddPartitionsToTxnTopic::partitions));
    }
  };

  struct AddPartitionsToTxnTransaction {
    String transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<AddPartitionsToTxnTopic> topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("transactionalId", &AddPartitionsToTxnTransaction::transactional_id),
                  field("producerId", &AddPartitionsToTxnTransaction::producer_id),
                  field("producerEpoch", &AddPartitionsToTxnTransaction::producer_epoch),
                  field("verifyOnly", &AddPartitionsToTxnTransaction::verify_only),
                  field("topics", &AddPartitionsToTxnTransaction::topics));
    }
  };

  std::vector<AddPartitionsToTxnTransaction> transactions;
  String v3_and_below_transactional_id;
  std::int64_t v3_and_below_producer_id = 0;
  std::int16_t v3_and_below_producer_epoch = 0;
  std::vector<AddPartitionsToTxnTopic> v3_and_below_topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("transactions", &AddPartitionsToTxnRequest::transactions, since(4)),
                field("v3AndBelowTransactionalId", &AddPartitionsToTxnRequest::v3_and_below_transactional_id, until(3)),
                field("v3AndBelowProducerId", &AddPartitionsToTxnRequest::v3_and_below_producer_id, until(3)),
                field("v3AndBelowProducerEpoch", &AddPartitionsToTxnRequest::v3_and_below_producer_epoch, until(3)),
                field("v3AndBelowTopics", &AddPartitionsToTxnRequest::v3_and_below_topics, until(3)));
  }
};

struct AddPartitionsToTxnResponse {
  static constexpr ApiKey kApiKey = ApiKey::add_partitions_to_txn;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 3;

  struct AddPartitionsToTxnPartitionResult {
    std::int32_t partition_index = 0;
    ErrorCode partition_error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &AddPartitionsToTxnPartitionResult::partition_index),
                  field("partitionErrorCode", &AddPartitionsToTxnPartitionResult::partition_error_code));
    }
  };

  struct AddPartitionsToTxnTopicResult {
    String name;
    std::vector<AddPartitionsToTxnPartitionResult> results_by_partition;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &AddPartitionsToTxnTopicResult::name),
                  field("resultsByPartition", &AddPartitionsToTxnTopicResult::results_by_partition));
    }
  };

  struct AddPartitionsToTxnResult {
    String transactional_id;
    std::vector<AddPartitionsToTxnTopicResult> topic_results;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("transactionalId", &AddPartitionsToTxnResult::transactional_id),
                  field("topicResults", &AddPartitionsToTxnResult::topic_results));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<AddPartitionsToTxnResult> results_by_transaction;
  std::vector<AddPartitionsToTxnTopicResult> results_by_topic_v3_and_below;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(
        field("throttleTimeMs", &AddPartitionsToTxnResponse::throttle_time_ms),
        field("errorCode", &AddPartitionsToTxnResponse::error_code, since(4)),
        field("resultsByTransaction", &AddPartitionsToTxnResponse::results_by_transaction, since(4)),
        field("resultsByTopicV3AndBelow", &AddPartitionsToTxnResponse::results_by_topic_v3_and_below, until(3)));
  }
};

}  // namespace barnabas::protocol
