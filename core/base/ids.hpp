// The identifiers of the field, each a type of its own.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/strong.hpp"

namespace barnabas {

using Offset = Strong<struct OffsetTag, std::int64_t>;                // Position of a record in its partition, from 0.
using LeaderEpoch = Strong<struct LeaderEpochTag, std::int32_t>;      // Rises with each leader change; -1 is none.
using BrokerId = Strong<struct BrokerIdTag, std::int32_t>;            // broker.id; -1 is none.
using PartitionId = Strong<struct PartitionIdTag, std::int32_t>;      // Index of a partition in its topic, from 0.
using ProducerId = Strong<struct ProducerIdTag, std::int64_t>;        // -1 is none.
using ProducerEpoch = Strong<struct ProducerEpochTag, std::int16_t>;  // -1 is none.

inline constexpr BrokerId kNoBroker{-1};
inline constexpr LeaderEpoch kNoLeaderEpoch{-1};
inline constexpr ProducerId kNoProducerId{-1};
inline constexpr ProducerEpoch kNoProducerEpoch{-1};

struct TopicPartition {
  std::string topic;
  PartitionId partition;

  auto operator<=>(const TopicPartition&) const = default;

  // "orders-3", as Kafka names the directory of a partition.
  std::string to_string() const { return topic + "-" + std::to_string(partition.value()); }
};

}  // namespace barnabas
