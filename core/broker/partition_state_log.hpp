// The group coordinator's log (coordinator::StateLog), over a partition of __consumer_offsets that this broker leads
// without a break: in one leader epoch, or in several that followed each other because other replicas came and went.
#pragma once

#include <functional>
#include <memory>

#include "core/async/event.hpp"
#include "core/coordinator/runtime/partition_writer.hpp"
#include "core/env/env.hpp"
#include "core/replication/partition.hpp"

namespace barnabas::broker {

class PartitionStateLog final : public coordinator::StateLog {
 public:
  // The leader epoch of the moment; whoever sees this broker lead on in a newer one raises it.
  using Epoch = std::shared_ptr<LeaderEpoch>;

  // patience: how long an append may wait for its replicas (offsets.commit.timeout.ms); then timed_out.
  PartitionStateLog(env::Env env, std::shared_ptr<replication::Partition> partition, Epoch epoch, Duration patience)
      : env_(env), partition_(std::move(partition)), epoch_(std::move(epoch)), patience_(patience) {}

  Task<Result<Offset>> append(Buffer batch) override;
  Task<Result<void>> replay(std::function<Result<void>(ByteView batches)> visit) override;
  void abandon() override;

 private:
  // not_leader unless this broker leads in the epoch; closed when abandoned.
  Result<void> check() const;
  Task<Result<replication::Appended>> append_in_time(record::ValidatedRecords records);
  // What this leader has must be shown to nobody before its replicas have it: another one may not.
  Task<Result<void>> until_committed(Offset end);

  env::Env env_;
  std::shared_ptr<replication::Partition> partition_;
  Epoch epoch_;
  Duration patience_;
  bool abandoned_ = false;
  Event* bell_ = nullptr;  // Of what waits now.
};

}  // namespace barnabas::broker
