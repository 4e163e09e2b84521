// The log against a dumb twin: a list of the batches that were handed over. Commands and crashes at random; after each
// start the log must be a clean prefix of the twin's list that holds all that was promised.
#include <rapidcheck.h>

#include <algorithm>

#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

struct Command {
  enum class Kind { append, flush, clean_restart, kill, power_cut, truncate } kind;
  int records;  // Of each batch.
  int value_size;
  int producer;  // -1: none.
  int steps;     // Crashes: events to let happen while an append is under way.
};

std::ostream& operator<<(std::ostream& out, const Command& c) {
  const char* names[] = {"append", "flush", "clean_restart", "kill", "power_cut", "truncate"};
  return out << names[static_cast<int>(c.kind)] << "(" << c.records << "x" << c.value_size << " p" << c.producer << " s"
             << c.steps << ")";
}

rc::Gen<Command> any_command() {
  using Kind = Command::Kind;
  const auto kind = rc::gen::weightedElement<Kind>({{30, Kind::append},
                                                    {4, Kind::flush},
                                                    {2, Kind::clean_restart},
                                                    {4, Kind::kill},
                                                    {4, Kind::power_cut},
                                                    {1, Kind::truncate}});
  return rc::gen::construct<Command>(kind, rc::gen::inRange(1, 6), rc::gen::inRange(0, 700), rc::gen::inRange(-1, 3),
                                     rc::gen::inRange(0, 60));
}

struct Settings {
  std::int64_t segment_bytes;
  std::int64_t index_interval;
  std::int64_t flush_messages;
  bool compact;
  std::uint64_t seed;
};

std::ostream& operator<<(std::ostream& out, const Settings& s) {
  return out << "segment " << s.segment_bytes << " index " << s.index_interval << " flush " << s.flush_messages
             << " compact " << s.compact << " seed " << s.seed;
}

class Twin : public LogTest {
 public:
  explicit Twin(const Settings& settings) : LogTest(settings.seed) {
    config.segment_bytes = settings.segment_bytes;
    config.index_interval_bytes = settings.index_interval;
    config.flush_messages = settings.flush_messages;
    config.cleanup_compact = settings.compact;
    open();
  }
  void TestBody() override {}

  void execute(const Command& command) {
    switch (command.kind) {
      case Command::Kind::append: return do_append(command);
      case Command::Kind::flush:
        RC_ASSERT(run(log->flush()).has_value());
        synced_ = end();
        return;
      case Command::Kind::clean_restart:
        reopen_clean();
        synced_ = checkpoint_ = end();
        return compare();
      case Command::Kind::kill: return crash(command, false);
      case Command::Kind::power_cut: return crash(command, true);
      case Command::Kind::truncate: return truncate(command);
    }
  }

  // Every byte, every lookup and the producers' state.
  void compare() {
    RC_LOG() << "log ends at " << log->log_end_offset().value() << ", the twin at " << end().value() << "\n";
    RC_ASSERT(log->log_end_offset() == end());
    std::vector<std::byte> expected;
    ProducerState producers;
    for (const Buffer& batch : batches_) {
      expected.insert(expected.end(), batch.view().begin(), batch.view().end());
      RC_ASSERT(producers.update(header_of(batch), batch.view()).has_value());
    }
    RC_ASSERT(content(1500) == expected);
    RC_ASSERT(log->producers() == producers);
    RC_ASSERT(log->recovery_point() <= end());
    for (const Buffer& batch : batches_) {
      const auto header = header_of(batch);
      const auto slice = run(log->read(header.last_offset(), 1, end(), true));
      RC_ASSERT(slice.has_value());
      RC_ASSERT(slice->first_offset == header.base_offset);
      RC_ASSERT(slice->size == batch.size());
    }
  }

 private:
  Offset end() const { return batches_.empty() ? Offset(0) : header_of(batches_.back()).next_offset(); }

  Buffer next_batch(const Command& command) {
    Producer producer;
    if (command.producer >= 0) {
      const ProducerEntry* entry = log->producers().find(ProducerId(command.producer));
      producer = {command.producer, 0, entry == nullptr ? 0 : entry->last_sequence() + 1};
    }
    clock_ += 3;
    return make_batch(end(), command.records, clock_, static_cast<std::size_t>(command.value_size), producer);
  }

  void do_append(const Command& command) {
    const Buffer batch = next_batch(command);
    const auto info = run(log->append(batch));
    if (batch.size() > static_cast<std::size_t>(config.segment_bytes)) {
      RC_ASSERT(info.error().code == Errc::record_list_too_large);
      return;
    }
    RC_ASSERT(info.has_value());
    batches_.push_back(batch);
    if (config.flush_messages == 1) synced_ = end();
    RC_ASSERT(log->recovery_point() >= synced_);
    // What a broker's background task does now and then.
    if (command.steps % 7 == 0) checkpoint_ = log->recovery_point();
  }

  static Task<void> append_and_note(PartitionLog& log, Buffer batch, bool& acknowledged) {
    const auto info = co_await log.append(std::move(batch));
    acknowledged = info.has_value();
  }

  void crash(const Command& command, bool power) {
    // A torn offset of an unsynced batch cannot be told from a gap in a compacted log (FORMAT.md).
    if (config.cleanup_compact && config.flush_messages != 1) power = false;
    const Buffer batch = next_batch(command);
    auto acknowledged = std::make_unique<bool>(false);
    node->spawn_task(append_and_note(*log, batch, *acknowledged));
    for (int i = 0; i < command.steps; ++i) world.step();
    // Under way: may be there, or not. All of it, or nothing.
    std::vector<Buffer> possible = batches_;
    if (batch.size() <= static_cast<std::size_t>(config.segment_bytes)) possible.push_back(batch);
    Offset promised = power ? std::max(synced_, log->recovery_point()) : end();
    if (*acknowledged && (!power || config.flush_messages == 1)) promised = header_of(batch).next_offset();
    if (power) {
      cut_and_open(checkpoint_);
    } else {
      kill_and_open(checkpoint_);
    }
    RC_ASSERT(log->log_end_offset() >= promised);
    batches_.clear();
    for (const Buffer& candidate : possible) {
      if (header_of(candidate).base_offset < log->log_end_offset()) batches_.push_back(candidate);
    }
    synced_ = std::min(log->recovery_point(), end());
    if (config.flush_messages != LogConfig::kNever) RC_ASSERT(log->recovery_point() == end());
    compare();
  }

  void truncate(const Command& command) {
    const std::size_t keep =
        batches_.size() - std::min<std::size_t>(batches_.size(), static_cast<std::size_t>(command.records));
    batches_.resize(keep);
    RC_ASSERT(run(log->truncate_to(end())).has_value());
    synced_ = std::min(synced_, end());
    checkpoint_ = std::min(checkpoint_, end());
    compare();
  }

  std::vector<Buffer> batches_;
  Offset synced_{0};
  Offset checkpoint_{0};
  std::int64_t clock_ = 1000;
};

TEST(PartitionLogModel, recovered_log_is_a_clean_prefix_that_holds_what_was_promised) {
  const bool held = rc::check([] {
    const auto settings = *rc::gen::construct<Settings>(
        rc::gen::element<std::int64_t>(600, 2000, 100'000), rc::gen::element<std::int64_t>(1, 300, 4096),
        rc::gen::element<std::int64_t>(1, 5, LogConfig::kNever), rc::gen::arbitrary<bool>(),
        rc::gen::arbitrary<std::uint64_t>());
    const auto commands = *rc::gen::container<std::vector<Command>>(any_command());
    Twin twin(settings);
    for (const Command& command : commands) twin.execute(command);
    twin.compare();
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace barnabas::log
