// Turns the record bytes of one fetched partition into records. Pure.
#pragma once

#include <optional>
#include <vector>

#include "core/client/consumer.hpp"

namespace barnabas::client {

struct FetchedBatches {
  std::vector<ConsumedRecord> records;
  Offset next_offset{0};         // Where to go on; at least the position given.
  std::optional<Error> problem;  // corrupt or unsupported: what was read before it stands.
};

// Reads whole batches of magic 2 from position on; an incomplete batch at the end is left for the next fetch.
// Control batches are passed over, and with read_committed the batches of aborted transactions, which the
// response lists (KIP-98).
FetchedBatches read_fetched(const TopicPartition& partition, Offset position,
                            const protocol::FetchResponse::PartitionData& data, const ConsumerOptions& options);

}  // namespace barnabas::client
