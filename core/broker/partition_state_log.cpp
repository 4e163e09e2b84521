#include "core/broker/partition_state_log.hpp"

#include <optional>

#include "core/async/scope.hpp"
#include "core/env/timeout.hpp"
#include "core/record/batch.hpp"

namespace barnabas::broker {
namespace {

using replication::Appended;

// Read at a time: what a replay holds in memory.
constexpr std::size_t kReplayChunk = 1024 * 1024;

}  // namespace

Result<void> PartitionStateLog::check() const {
  if (abandoned_) return fail(Errc::closed, partition_->id().to_string() + " is not looked at any more");
  if (partition_->leads() && partition_->leader_epoch() == *epoch_) return {};
  return fail(Errc::not_leader, partition_->id().to_string() + " is led by another broker, or in another epoch");
}

void PartitionStateLog::abandon() {
  abandoned_ = true;
  if (bell_ != nullptr) bell_->set();
}

Task<Result<Offset>> PartitionStateLog::append(Buffer batch) {
  B_CO_TRY_VOID(check());
  record::ValidatedRecords records;
  B_CO_TRY(records.header, record::parse_batch_header(batch.view()));
  const auto most = static_cast<std::size_t>(partition_->log().config().max_message_bytes);
  if (batch.size() > most) {
    co_return fail(Errc::too_large, "a batch of " + std::to_string(batch.size()) + " bytes is over max.message.bytes");
  }
  records.record_count = records.header.record_count;
  records.max_timestamp = records.header.max_timestamp;
  records.batch = std::move(batch);
  B_CO_TRY(const Appended appended, co_await append_in_time(std::move(records)));
  co_return appended.base_offset;
}

Task<Result<Appended>> PartitionStateLog::append_in_time(record::ValidatedRecords records) {
  std::optional<Result<Appended>> outcome;
  Event bell(env_.executor);
  Scope scope(env_.executor);
  scope.spawn(env::detail::run_into<Appended>(
      partition_->append_as_leader(std::move(records), replication::Acks::all), outcome, bell));
  scope.spawn(env::detail::set_at(env_.clock, env_.clock.now() + patience_, bell));
  bell_ = &bell;
  co_await bell.wait();
  bell_ = nullptr;
  scope.cancel();
  if (outcome) co_return std::move(*outcome);
  B_CO_TRY_VOID(check());
  co_return fail(Errc::timed_out, "the replicas of " + partition_->id().to_string() + " did not follow in time");
}

Task<Result<void>> PartitionStateLog::until_committed(Offset end) {
  while (true) {
    B_CO_TRY_VOID(check());
    if (partition_->high_watermark() >= end) co_return Result<void>{};
    Event bell(env_.executor);
    replication::Watcher watcher(bell);
    partition_->watch(watcher);
    bell_ = &bell;
    co_await bell.wait();
    bell_ = nullptr;
  }
}

Task<Result<void>> PartitionStateLog::replay(std::function<Result<void>(ByteView batches)> visit) {
  Offset next = partition_->log_start_offset();
  const Offset end = partition_->log_end_offset();
  B_CO_TRY_VOID(co_await until_committed(end));
  while (next < end) {
    B_CO_TRY_VOID(check());
    replication::ReadRequest request;
    request.from = next;
    request.max_bytes = kReplayChunk;
    request.at_least_one_batch = true;
    B_CO_TRY(const replication::ReadResult read, co_await partition_->read(request));
    if (read.slice.size == 0) break;
    B_CO_TRY(const Buffer batches, co_await read.slice.file->read_at(read.slice.position, read.slice.size));
    const auto see = [&](const record::BatchHeader& header, ByteView) -> Result<void> {
      next = header.next_offset();
      return {};
    };
    B_CO_TRY_VOID(record::for_each_batch(batches.view(), see));
    B_CO_TRY_VOID(visit(batches.view()));
  }
  co_return Result<void>{};
}

}  // namespace barnabas::broker
