// The group coordinator's log (coordinator::StateLog), over a partition of __consumer_offsets.
#pragma once

#include <memory>

#include "core/coordinator/runtime/partition_writer.hpp"
#include "core/replication/partition.hpp"

namespace barnabas::broker {

class PartitionStateLog final : public coordinator::StateLog {
 public:
  explicit PartitionStateLog(std::shared_ptr<replication::Partition> partition) : partition_(std::move(partition)) {}

  Task<Result<Offset>> append(Buffer batch) override;
  Task<Result<void>> replay(std::function<Result<void>(ByteView batches)> visit) override;

 private:
  std::shared_ptr<replication::Partition> partition_;
};

}  // namespace barnabas::broker
