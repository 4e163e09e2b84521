// Committed offsets where Kafka 0.8 kept them: /consumers/<group>/offsets/<topic>/<partition>, a number as text.
// OffsetCommit and OffsetFetch of version 0 still mean these.
#pragma once

#include <optional>
#include <string>

#include "core/async/task.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::metadata {

class LegacyOffsets {
 public:
  // The client must outlive this.
  explicit LegacyOffsets(zookeeper::Client& client) : client_(client) {}

  // Whether a znode can have the group's name.
  static bool is_legal_group(std::string_view group);

  // Durable when it returns. Requires a legal group.
  Task<Result<void>> set(std::string group, TopicPartition partition, Offset offset);
  // Nothing: none was committed. corrupt: the znode holds no number.
  Task<Result<std::optional<Offset>>> get(std::string group, TopicPartition partition);

 private:
  zookeeper::Client& client_;
};

}  // namespace barnabas::metadata
