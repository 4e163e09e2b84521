// The files of a partition, as a crash, a bad disk or a careless hand may leave them: whatever their bytes, opening
// ends, what was opened can be read to its end and written to, and what was recovered is recovered again as it is.
//
// Input: a byte of switches, then files: a byte for the name, two for the size (big-endian), the bytes. Switch 1 mends
// the CRCs of the batches, which a mutation never hits; switch 2 says that the shutdown was clean; 4 gives a recovery
// point above the first segment.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/reader.hpp"
#include "core/log/partition_log.hpp"
#include "core/record/batch_builder.hpp"
#include "sim/world/world.hpp"

namespace barnabas::log {
namespace {

enum Switch : unsigned { mend_crcs = 1, clean_shutdown = 2, late_recovery_point = 4 };

const std::string kDirectory = "/data/fuzz-0";
const TopicPartition kFuzz{"fuzz", PartitionId(0)};
constexpr std::size_t kMostFiles = 16;

// Two segments, everything that may lie beside them, and what an interrupted deletion or compaction leaves.
constexpr std::array<const char*, 16> kNames{"00000000000000000000.log",
                                             "00000000000000000000.index",
                                             "00000000000000000000.timeindex",
                                             "00000000000000000000.txnindex",
                                             "00000000000000000003.log",
                                             "00000000000000000003.index",
                                             "00000000000000000003.timeindex",
                                             "00000000000000000003.snapshot",
                                             "00000000000000000006.snapshot",
                                             "leader-epoch-checkpoint",
                                             "partition.metadata",
                                             "00000000000000000000.log.swap",
                                             "00000000000000000000.log.cleaned",
                                             "00000000000000000003.log.deleted",
                                             "00000000000000000000.index.swap",
                                             "00000000000000000003.txnindex"};

void mend(MutableByteView content) {
  while (true) {
    const auto header = record::parse_batch_header(content);
    if (!header) return;
    record::BatchHeader mended = *header;
    mended.crc = record::compute_crc(content.first(header->total_size()));
    record::store_batch_header(content, mended);
    content = content.subspan(header->total_size());
  }
}

Task<Result<void>> write_files(env::Env env, ByteView input, bool mended) {
  B_CO_TRY_VOID(co_await env.disk.create_directories(kDirectory));
  Reader reader(input);
  for (std::size_t i = 0; i < kMostFiles && reader.remaining() >= 3; ++i) {
    const auto name = static_cast<std::size_t>(reader.read<std::uint8_t>()) % kNames.size();
    const std::size_t size = std::min<std::size_t>(reader.read<std::uint16_t>(), reader.remaining());
    Buffer content = Buffer::copy_of(reader.bytes(static_cast<std::int64_t>(size)));
    if (mended) mend(content.mutable_view());
    std::string path = kDirectory + "/" + kNames[name];
    B_CO_TRY(const auto file, co_await env.disk.open(std::move(path), env::OpenMode::create_truncate));
    const ByteView parts[] = {content.view()};
    B_CO_TRY_VOID(co_await file->write_at(0, parts));
  }
  co_return Result<void>{};
}

LogConfig small_config() {
  LogConfig config;
  config.segment_bytes = 1 << 16;
  config.segment_index_bytes = 1 << 10;
  config.index_interval_bytes = 64;
  return config;
}

// What a reader gets of the log from its start, batch after batch, and what the log says of itself.
struct State {
  Offset start{0};
  Offset end{0};
  std::string epochs;
  ProducerState producers;
  std::string content;
  bool operator==(const State&) const = default;
};

Task<State> state_of(PartitionLog& log) {
  B_CHECK_OP(log.log_start_offset(), <=, log.log_end_offset());
  B_CHECK_OP(log.last_stable_offset(), <=, log.high_watermark());
  State state{log.log_start_offset(), log.log_end_offset(), log.leader_epochs().to_text(), log.producers(), {}};
  Offset at = state.start;
  while (at < state.end) {
    const auto slice = co_await log.read(at, 1 << 12, state.end, true);
    if (!slice || slice->size == 0) break;
    const auto bytes = co_await slice->file->read_at(slice->position, slice->size);
    B_CHECK(bytes.has_value());
    state.content += as_text(bytes->view());
    Offset next = at;
    static_cast<void>(record::for_each_batch(bytes->view(), [&](const record::BatchHeader& header, ByteView) {
      next = std::max(next, header.next_offset());
      return Result<void>{};
    }));
    if (next <= at) break;
    at = next;
  }
  static_cast<void>(co_await log.find_timestamp(Timestamp(0)));
  static_cast<void>(co_await log.find_max_timestamp());
  co_return state;
}

Buffer one_batch(Offset base) {
  record::BatchOptions options;
  options.base_offset = base;
  options.leader_epoch = LeaderEpoch(1);
  record::BatchBuilder builder(options);
  builder.append(Timestamp(1), std::nullopt, as_bytes("value"));
  return builder.build();
}

// What a recovery made of the directory, which another one must leave as it is.
Task<State> recovered(env::Env env, OpenOptions options) {
  const auto log = co_await PartitionLog::open(env, kDirectory, kFuzz, small_config(), options);
  B_CHECK(log.has_value());
  co_return co_await state_of(**log);
}

Task<Result<void>> check(env::Env env, OpenOptions options) {
  const bool clean_shutdown = std::exchange(options.clean_shutdown, false);
  if (!clean_shutdown) {
    State first;
    {
      B_CO_TRY(const auto log, co_await PartitionLog::open(env, kDirectory, kFuzz, small_config(), options));
      first = co_await state_of(*log);
    }
    const State again = co_await recovered(env, options);
    B_CHECK(again == first);
  }
  options.clean_shutdown = clean_shutdown;
  Offset end{0};
  {
    B_CO_TRY(const auto log, co_await PartitionLog::open(env, kDirectory, kFuzz, small_config(), options));
    static_cast<void>(co_await state_of(*log));
    Buffer batch = one_batch(log->log_end_offset());
    B_CO_TRY_VOID(co_await log->append(std::move(batch)));
    B_CO_TRY_VOID(co_await log->flush());
    end = log->log_end_offset();
  }
  options.clean_shutdown = false;
  const State second = co_await recovered(env, options);
  // A clean stop is taken at its word, so what it lied about is found only now; else nothing is cut a second time.
  if (!clean_shutdown) B_CHECK_OP(second.end, ==, end);
  const State third = co_await recovered(env, options);
  B_CHECK(third == second);
  co_return Result<void>{};
}

}  // namespace
}  // namespace barnabas::log

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace barnabas;
  if (size < 1) return 0;
  const unsigned switches = data[0];
  sim::World::Options world_options;
  world_options.error_lines_fail = false;
  sim::World world(1, world_options);
  sim::Node& node = world.add_node("a");
  const ByteView files = std::as_bytes(std::span(data, size)).subspan(1);
  const auto written = world.run(node, log::write_files(node.env(), files, (switches & log::mend_crcs) != 0));
  B_CHECK(written.has_value());
  log::OpenOptions options;
  options.clean_shutdown = (switches & log::clean_shutdown) != 0;
  if ((switches & log::late_recovery_point) != 0) options.recovery_point = Offset(3);
  static_cast<void>(world.run(node, log::check(node.env(), options)));
  return 0;
}
