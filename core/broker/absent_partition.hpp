// What is answered about a partition that this broker does not serve.
#pragma once

#include "core/broker/services.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::broker {

// KAFKA_STORAGE_ERROR, which clients retry, while the data directory is offline that has it or may have it;
// NOT_LEADER_OR_FOLLOWER when others have it.
inline protocol::ErrorCode error_of_absent(const Services& services, const TopicPartition& id) {
  if (services.partitions.is_offline(id)) return protocol::ErrorCode::kafka_storage_error;
  return services.metadata.image().partition(id) != nullptr ? protocol::ErrorCode::not_leader_or_follower
                                                            : protocol::ErrorCode::unknown_topic_or_partition;
}

}  // namespace barnabas::broker
