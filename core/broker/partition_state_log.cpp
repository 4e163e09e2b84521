#include "core/broker/partition_state_log.hpp"

#include "core/record/batch.hpp"

namespace barnabas::broker {
namespace {

// Read at a time: what a replay holds in memory.
constexpr std::size_t kReplayChunk = 1024 * 1024;

}  // namespace

Task<Result<Offset>> PartitionStateLog::append(Buffer batch) {
  record::ValidatedRecords records;
  B_CO_TRY(records.header, record::parse_batch_header(batch.view()));
  const auto most = static_cast<std::size_t>(partition_->log().config().max_message_bytes);
  if (batch.size() > most) {
    co_return fail(Errc::too_large, "a batch of " + std::to_string(batch.size()) + " bytes is over max.message.bytes");
  }
  records.record_count = records.header.record_count;
  records.max_timestamp = records.header.max_timestamp;
  records.batch = std::move(batch);
  B_CO_TRY(const replication::Appended appended, co_await partition_->append_as_leader(std::move(records)));
  co_return appended.base_offset;
}

Task<Result<void>> PartitionStateLog::replay(std::function<Result<void>(ByteView batches)> visit) {
  Offset next = partition_->log_start_offset();
  const Offset end = partition_->high_watermark();
  while (next < end) {
    B_CO_TRY(const replication::ReadResult read,
             co_await partition_->read(next, kReplayChunk, replication::Isolation::read_uncommitted, true));
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
