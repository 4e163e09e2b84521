// WriteTxnMarkers (key 27), versions 0-2.
//
// A coordinator tells the leaders of a transaction's partitions how it ended. v1 flexible; v2 transaction
// version.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct WriteTxnMarkersResponse;

struct WriteTxnMarkersRequest {
  using Response = WriteTxnMarkersResponse;
  static constexpr ApiKey kApiKey = ApiKey::write_txn_markers;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 1;

  struct WritableTxnMarkerTopic {
    String name;
    std::vector<std::int32_t> partition_indexes;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &WritableTxnMarkerTopic::name),
                  field("partitionIndexes", &WritableTxnMarkerTopic::partition_indexes));
    }
  };

  struct WritableTxnMarker {
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool transaction_result = false;  // False: aborted.
    std::vector<WritableTxnMarkerTopic> topics;
    std::int32_t coordinator_epoch = 0;
    std::int8_t transaction_version = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("producerId", &WritableTxnMarker::producer_id),
                  field("producerEpoch", &WritableTxnMarker::producer_epoch),
                  field("transactionResult", &WritableTxnMarker::transaction_result),
                  field("topics", &WritableTxnMarker::topics),
                  field("coordinatorEpoch", &WritableTxnMarker::coordinator_epoch),
                  field("transactionVersion", &WritableTxnMarker::transaction_version, since(2)));
    }
  };

  std::vector<WritableTxnMarker> markers;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("markers", &WriteTxnMarkersRequest::markers)); }
};

struct WriteTxnMarkersResponse {
  static constexpr ApiKey kApiKey = ApiKey::write_txn_markers;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 1;

  struct WritableTxnMarkerPartitionResult {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &WritableTxnMarkerPartitionResult::partition_index),
                  field("errorCode", &WritableTxnMarkerPartitionResult::error_code));
    }
  };

  struct WritableTxnMarkerTopicResult {
    String name;
    std::vector<WritableTxnMarkerPartitionResult> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &WritableTxnMarkerTopicResult::name),
                  field("partitions", &WritableTxnMarkerTopicResult::partitions));
    }
  };

  struct WritableTxnMarkerResult {
    std::int64_t producer_id = 0;
    std::vector<WritableTxnMarkerTopicResult> topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("producerId", &WritableTxnMarkerResult::producer_id),
                  field("topics", &WritableTxnMarkerResult::topics));
    }
  };

  std::vector<WritableTxnMarkerResult> markers;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("markers", &WriteTxnMarkersResponse::markers)); }
};

}  // namespace barnabas::protocol
