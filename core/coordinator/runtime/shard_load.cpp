// The reading half of a shard: from the log to the state.
#include "core/coordinator/group/record_codec.hpp"
#include "core/coordinator/runtime/shard.hpp"

namespace barnabas::coordinator {

Task<Result<void>> Shard::replay_log() {
  std::function<Result<void>(ByteView)> visit = [this](ByteView batches) { return replay_batches(batches); };
  Result<void> replayed = co_await log_->replay(visit);
  co_return replayed;
}

Result<void> Shard::replay_batches(ByteView batches) {
  if (state_ == State::closed) return fail(Errc::closed, "the partition was unloaded");
  return record::for_each_batch(batches, [this](const record::BatchHeader& header, ByteView batch) {
    return record::for_each_record(batch, [this, &header](const record::RecordView& view) -> Result<void> {
      return header.is_control() ? replay_marker(header, view) : replay_record(header, view);
    });
  });
}

Result<void> Shard::replay_record(const record::BatchHeader& header, const record::RecordView& view) {
  if (!view.key) return {};  // Not a record of a coordinator.
  B_TRY(std::optional<group::StateRecord> record, group::decode(*view.key, view.value));
  if (!record) return {};
  auto* commit = std::get_if<group::OffsetRecord>(&*record);
  if (header.is_transactional() && commit != nullptr) {
    offsets_.replay_transactional(header.producer_id, std::move(*commit), view.offset);
  } else {
    replay(*record, view.offset);
  }
  return {};
}

// A control record's key: int16 version, int16 type, 0 for abort and 1 for commit.
Result<void> Shard::replay_marker(const record::BatchHeader& header, const record::RecordView& view) {
  if (!view.key) return {};
  Reader key(*view.key);
  key.skip(2);
  const std::int16_t type = key.i16();
  if (key.ok() && (type == 0 || type == 1)) offsets_.end_transaction(header.producer_id, type == 1);
  return {};
}

// The one place where persistent state changes.
void Shard::replay(const group::StateRecord& record, Offset at) {
  if (const auto* commit = std::get_if<group::OffsetRecord>(&record)) {
    offsets_.replay(*commit, at);
    return;
  }
  const auto& change = std::get<group::GroupRecord>(record);
  Entry* entry = find_entry(change.group);
  if (entry == nullptr) entry = &create(change.group);
  entry->group.replay(change.value);
}

// Everything is replayed: begins to serve.
void Shard::resume() {
  state_ = State::serving;
  for (const std::string& name : offsets_.groups()) {
    if (find_entry(name) == nullptr) create(name);
  }
  const Instant now = moment().now;
  for (auto each = groups_.begin(); each != groups_.end();) {
    Entry& entry = *(each++)->second;  // erase_if_void may take it away.
    entry.group.resume(now);
    set_deadline(entry, entry.group.next_deadline());
    erase_if_void(entry);
  }
}

void Shard::log_line(env::LogLevel level, std::string_view line) const {
  const env::Logger& logger = context_.env.logger;
  if (!logger.enabled(level)) return;
  const std::string component = "group coordinator " + std::to_string(partition_.value());
  context_.env.logger.log(level, component, line);
}

}  // namespace barnabas::coordinator
