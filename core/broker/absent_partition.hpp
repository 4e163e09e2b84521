// What is answered about a partition that this broker does not serve.
#pragma once

#include "core/protocol/error_code.hpp"
#include "core/replication/partition_table.hpp"

namespace barnabas::broker {

// KAFKA_STORAGE_ERROR, which clients retry, while the data directory is offline that has it or may have it.
inline protocol::ErrorCode error_of_absent(const replication::PartitionTable& partitions, const TopicPartition& id) {
  return partitions.is_offline(id) ? protocol::ErrorCode::kafka_storage_error
                                   : protocol::ErrorCode::unknown_topic_or_partition;
}

}  // namespace barnabas::broker
