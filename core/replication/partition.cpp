#include "core/replication/partition.hpp"

#include <algorithm>

namespace barnabas::replication {

struct Partition::Pending {
  Pending(Executor& executor, record::ValidatedRecords validated) : records(std::move(validated)), done(executor) {}

  void finish(Result<Appended> result) {
    outcome = std::move(result);
    records.batch = {};
    done.set();
  }

  record::ValidatedRecords records;
  Appended appended;  // Once written.
  std::optional<Result<Appended>> outcome;
  Event done;
};

// Keeps the log from being removed under a reader.
class Partition::Use {
 public:
  explicit Use(Partition& partition) : partition_(partition) { ++partition_.reads_; }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    --partition_.reads_;
    partition_.tell_if_unused();
  }

 private:
  Partition& partition_;
};

Partition::Partition(env::Env env, TopicPartition id, Uuid topic_id, LeaderEpoch epoch, log::PartitionLog& log)
    : env_(env),
      id_(std::move(id)),
      topic_id_(topic_id),
      leader_epoch_(epoch),
      log_(log),
      high_watermark_(log.log_end_offset()),
      unused_(env.executor),
      scope_(env.executor) {
  log_.set_high_watermark(high_watermark_);
}

Offset Partition::last_stable_offset() const {
  return std::min(log_.last_stable_offset(), high_watermark_);
}

Offset Partition::visible_end(Isolation isolation) const {
  return isolation == Isolation::read_committed ? last_stable_offset() : high_watermark_;
}

Task<Result<Appended>> Partition::append_as_leader(record::ValidatedRecords records) {
  B_CHECK(!records.batch.empty());
  auto pending = std::make_shared<Pending>(env_.executor, std::move(records));
  if (closing_) {
    pending->finish(fail(Errc::closed, id_.to_string() + " is being removed"));
  } else {
    queue_.push_back(pending);
    if (!std::exchange(appending_, true)) scope_.spawn(run_appends());
  }
  return wait_for(std::move(pending));
}

Task<Result<Appended>> Partition::wait_for(std::shared_ptr<Pending> pending) {
  co_await pending->done.wait();
  co_return std::move(*pending->outcome);
}

Task<void> Partition::run_appends() {
  while (!queue_.empty()) {
    const std::shared_ptr<Pending> pending = std::move(queue_.front());
    queue_.pop_front();
    Result<Appended> appended = co_await append_one(*pending);
    if (!appended) {
      pending->finish(std::move(appended));
      continue;
    }
    pending->appended = *appended;
    written_.push_back(pending);
    const bool policy_waits = log_.config().flush_messages != log::LogConfig::kNever;
    if (!committing_ && !policy_waits) {
      commit(std::exchange(written_, {}));
    } else if (!std::exchange(committing_, true)) {
      scope_.spawn(run_commits());
    }
  }
  appending_ = false;
  tell_if_unused();
}

// The sequence is judged here, when all earlier batches are in the log's producer state, not when the request
// came: a producer's batches may be in flight together.
Task<Result<Appended>> Partition::append_one(Pending& pending) {
  if (log_.failed()) co_return fail(Errc::storage_failed, "the log of " + id_.to_string() + " is offline");
  record::ValidatedRecords& records = pending.records;
  B_CO_TRY(const std::optional<log::AppendedBatch> duplicate, log_.producers().check(records.header));
  Appended appended;
  if (duplicate) {
    appended.base_offset = duplicate->base_offset();
    appended.last_offset = duplicate->last_offset;
    appended.log_append_time = records.log_append_time == kNoTimestamp ? kNoTimestamp : duplicate->timestamp;
    appended.log_start_offset = log_.log_start_offset();
    appended.duplicate = true;
    co_return appended;
  }
  record::assign_offsets(records.batch.mutable_view(), log_.log_end_offset(), leader_epoch_);
  Buffer batch = std::move(records.batch);
  B_CO_TRY(const log::AppendInfo info, co_await log_.write(std::move(batch)));
  appended.base_offset = info.base_offset;
  appended.last_offset = info.last_offset;
  appended.log_append_time = records.log_append_time;
  appended.log_start_offset = info.log_start_offset;
  co_return appended;
}

// One sync answers for all that was written before it began: group commit.
Task<void> Partition::run_commits() {
  while (!written_.empty()) {
    std::deque<std::shared_ptr<Pending>> group = std::exchange(written_, {});
    Offset end{0};
    for (const auto& pending : group) end = std::max(end, pending->appended.last_offset + 1);
    const Result<void> durable = co_await log_.make_durable(end);
    if (durable) {
      commit(std::move(group));
      continue;
    }
    for (const auto& pending : group) pending->finish(std::unexpected(durable.error()));
  }
  committing_ = false;
  tell_if_unused();
}

void Partition::commit(std::deque<std::shared_ptr<Pending>> done) {
  Offset end = high_watermark_;
  for (const auto& pending : done) end = std::max(end, pending->appended.last_offset + 1);
  move_high_watermark(end);
  for (const auto& pending : done) pending->finish(pending->appended);
}

void Partition::move_high_watermark(Offset to) {
  B_CHECK_OP(to, <=, log_.log_end_offset());
  if (to <= high_watermark_) return;
  high_watermark_ = to;
  log_.set_high_watermark(to);
  ring();
}

void Partition::ring() {
  while (Watcher* watcher = watchers_.pop_front()) watcher->bell.set();
}

Task<Result<ReadResult>> Partition::read(Offset from, std::size_t max_bytes, Isolation isolation,
                                         bool at_least_one_batch) {
  if (closing_) co_return fail(Errc::closed, id_.to_string() + " is being removed");
  const Use use(*this);
  ReadResult result;
  result.high_watermark = high_watermark_;
  result.last_stable_offset = last_stable_offset();
  result.log_start_offset = log_.log_start_offset();
  const Offset bound = visible_end(isolation);
  B_CO_TRY(result.slice, co_await log_.read(from, max_bytes, bound, at_least_one_batch));
  if (isolation == Isolation::read_committed) {
    B_CO_TRY(result.aborted, co_await log_.aborted_transactions(result.slice, bound));
  }
  co_return result;
}

Task<Result<std::optional<log::TimestampedOffset>>> Partition::find_timestamp(Timestamp at, Isolation isolation) {
  return visible_only(log_.find_timestamp(at), isolation);
}

Task<Result<std::optional<log::TimestampedOffset>>> Partition::find_max_timestamp(Isolation isolation) {
  return visible_only(log_.find_max_timestamp(), isolation);
}

Task<Result<std::optional<log::TimestampedOffset>>> Partition::visible_only(
    Task<Result<std::optional<log::TimestampedOffset>>> search, Isolation isolation) {
  if (closing_) co_return fail(Errc::closed, id_.to_string() + " is being removed");
  const Use use(*this);
  const Offset bound = visible_end(isolation);
  B_CO_TRY(std::optional<log::TimestampedOffset> found, co_await std::move(search));
  if (found && found->offset >= bound) found.reset();
  co_return found;
}

void Partition::tell_if_unused() {
  if (reads_ == 0 && !appending_ && !committing_) unused_.notify_all();
}

Task<void> Partition::close() {
  closing_ = true;
  for (const auto& pending : std::exchange(queue_, {})) {
    pending->finish(fail(Errc::closed, id_.to_string() + " is being removed"));
  }
  ring();
  while (reads_ > 0 || appending_ || committing_) co_await unused_.wait();
}

}  // namespace barnabas::replication
