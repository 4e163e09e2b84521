#include "tests/log/support.hpp"

#include "core/base/writer.hpp"
#include "core/log/file_names.hpp"

namespace barnabas::log {

Buffer make_batch(Offset base, int count, std::int64_t timestamp, std::size_t value_size, Producer producer,
                  std::int32_t leader_epoch, bool transactional) {
  record::BatchOptions options;
  options.base_offset = base;
  options.leader_epoch = LeaderEpoch(leader_epoch);
  options.producer_id = ProducerId(producer.id);
  options.producer_epoch = ProducerEpoch(producer.epoch);
  options.base_sequence = producer.sequence;
  options.transactional = transactional;
  record::BatchBuilder builder(options);
  for (int i = 0; i < count; ++i) {
    std::string value = "value " + std::to_string(base.value() + i) + " of " + std::to_string(timestamp);
    value.resize(value_size, '.');
    builder.append(Timestamp(timestamp + i), std::nullopt, as_bytes(value));
  }
  return builder.build();
}

Buffer make_marker(Offset base, Producer producer, bool committed, std::int32_t coordinator_epoch) {
  record::BatchOptions options;
  options.base_offset = base;
  options.leader_epoch = LeaderEpoch(0);
  options.producer_id = ProducerId(producer.id);
  options.producer_epoch = ProducerEpoch(producer.epoch);
  options.transactional = true;
  options.control = true;
  record::BatchBuilder builder(options);
  Writer key;
  key.i16(0);
  key.i16(committed ? 1 : 0);
  Writer value;
  value.i16(0);
  value.i32(coordinator_epoch);
  builder.append(Timestamp(5000), key.view(), value.view());
  return builder.build();
}

record::BatchHeader header_of(const Buffer& batch) { return record::parse_batch_header(batch.view()).value(); }

Task<Result<std::vector<std::byte>>> read_all(PartitionLog& log, Offset from, std::size_t max_bytes) {
  std::vector<std::byte> result;
  while (from < log.log_end_offset()) {
    B_CO_TRY(const LogSlice slice, co_await log.read(from, max_bytes, log.log_end_offset(), true));
    if (slice.size == 0) co_return fail(Errc::truncated, "nothing at " + std::to_string(from.value()));
    if (slice.size > max_bytes && slice.size != slice.first_batch_size) {
      co_return fail(Errc::too_large, "more than asked for");
    }
    B_CO_TRY(const Buffer bytes, co_await slice.file->read_at(slice.position, slice.size));
    const auto walked =
        record::for_each_batch(bytes.view(), [&](const record::BatchHeader& header, ByteView batch) -> Result<void> {
          if (header.last_offset() < from) return fail(Errc::corrupt, "a batch below the offset asked for");
          B_TRY_VOID(record::verify_crc(batch));
          from = header.next_offset();
          return {};
        });
    if (!walked) co_return std::unexpected(walked.error());
    result.insert(result.end(), bytes.view().begin(), bytes.view().end());
  }
  co_return result;
}

namespace {

Task<Result<std::unique_ptr<PartitionLog>>> open_log(env::Env env, LogConfig config, OpenOptions options) {
  B_CO_TRY_VOID(co_await env.disk.create_directories(kDirectory));
  const std::string data = "/data";
  const std::string root = "/";
  B_CO_TRY_VOID(co_await env.disk.sync_directory(data));
  B_CO_TRY_VOID(co_await env.disk.sync_directory(root));
  co_return co_await PartitionLog::open(env, kDirectory, kOrders, config, options);
}

Task<Result<void>> put(env::Env env, std::string path, std::string text) {
  B_CO_TRY_VOID(co_await env.disk.create_directories(kDirectory));
  B_CO_TRY(const auto file, co_await env.disk.open(path, env::OpenMode::create_truncate));
  const ByteView parts[] = {as_bytes(text)};
  co_return co_await file->write_at(0, parts);
}

}  // namespace

void LogTest::open(OpenOptions options) {
  log.reset();
  auto opened = run(open_log(node->env(), config, options));
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  log = *std::move(opened);
}

void LogTest::reopen_clean() {
  const auto closed = run(log->close());
  ASSERT_TRUE(closed.has_value()) << closed.error().to_string();
  OpenOptions options;
  options.recovery_point = log->recovery_point();
  options.high_watermark = log->high_watermark();
  options.clean_shutdown = true;
  node->restart();
  open(options);
}

void LogTest::kill_and_open(Offset recovery_point) {
  node->kill();
  node->restart();
  OpenOptions options;
  options.recovery_point = recovery_point;
  open(options);
}

void LogTest::cut_and_open(Offset recovery_point) {
  node->power_cut();
  node->restart();
  OpenOptions options;
  options.recovery_point = recovery_point;
  open(options);
}

Result<AppendInfo> LogTest::append(int count, std::int64_t timestamp, std::size_t value_size, Producer producer) {
  return run(log->append(make_batch(log->log_end_offset(), count, timestamp, value_size, producer)));
}

std::vector<std::byte> LogTest::content(std::size_t max_bytes) {
  auto bytes = run(read_all(*log, log->log_start_offset(), max_bytes));
  EXPECT_TRUE(bytes.has_value()) << bytes.error().to_string();
  return bytes.value_or(std::vector<std::byte>{});
}

std::vector<std::string> LogTest::names() { return run(node->env().disk.list(kDirectory)).value(); }

sim::InodePtr LogTest::inode(const std::string& name) {
  return node->disk().files().find(join_path(kDirectory, name)).value();
}

std::string LogTest::file_text(const std::string& name) {
  const auto file = inode(name);
  const auto bytes = file->cached.contents();
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void LogTest::put_file(const std::string& name, const std::string& text) {
  const auto done = run(put(node->env(), join_path(kDirectory, name), text));
  ASSERT_TRUE(done.has_value()) << done.error().to_string();
}

}  // namespace barnabas::log
