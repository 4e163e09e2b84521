// The log partition on which a coordinator's state lives, as the coordinator needs it.
//
// The broker implements it over replication::Partition; tests over memory. One StateLog belongs to one leader
// epoch of one partition; when the broker loses the partition, appends fail with not_leader or closed.
#pragma once

#include <functional>

#include "core/async/task.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace barnabas::coordinator {

class StateLog {
 public:
  virtual ~StateLog() = default;

  // Appends one record batch of magic 2 (from record::BatchBuilder; base offset and leader epoch are not
  // assigned yet) with the meaning of acks=all, and returns its base offset once it is committed. The
  // coordinator has one append under way at a time.
  // Definite errors, after which nothing was or will be appended in this epoch: not_leader, closed, too_large,
  // record_list_too_large, invalid_record, no_space, not_enough_replicas, unknown_topic_or_partition. After any other
  // error (timed_out, not_enough_replicas_after_append, io_error, storage_failed, ...) the outcome is unknown: the
  // coordinator forgets its state and replays the log again before it answers anybody.
  virtual Task<Result<Offset>> append(Buffer batch) = 0;

  // Calls visit with everything from the log start offset to the log end offset of the moment, in order, once it is
  // committed: each call gets one or more whole batches of magic 2, control batches included, valid during the call. An
  // error of visit ends the replay with that error.
  virtual Task<Result<void>> replay(std::function<Result<void>(ByteView batches)> visit) = 0;

  // Nobody is interested any more: what waits for others fails with closed, as does all that follows.
  virtual void abandon() {}
};

}  // namespace barnabas::coordinator
