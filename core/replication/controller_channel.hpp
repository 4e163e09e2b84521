// How a broker speaks to the controller, wherever it is at the moment: over the network, or in this process.
#pragma once

#include "core/async/task.hpp"
#include "core/base/result.hpp"
#include "core/protocol/messages/56_alter_partition.hpp"

namespace barnabas::replication {

class ControllerChannel {
 public:
  virtual ~ControllerChannel() = default;

  // One try. Errors: not_found (no controller is known), and those of the connection (then it is not known whether it
  // took effect). NOT_CONTROLLER in the answer: ask again when another is known. The answer owns what it refers to.
  virtual Task<Result<protocol::AlterPartitionResponse>> alter_partition(protocol::AlterPartitionRequest request) = 0;
};

}  // namespace barnabas::replication
