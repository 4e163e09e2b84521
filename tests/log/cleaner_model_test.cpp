// Anything in any order, against the twin: a state machine for RapidCheck, and many power cuts.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>

#include "tests/log/log_twin.hpp"

namespace barnabas::log {
namespace {

struct Command {
  enum class Kind : std::uint8_t {
    append,
    flush,
    reopen,
    truncate,
    remove,
    retain,
    compact,
    kill,
    power_cut,
  };
  Kind kind;
  int records;
  int producer;
  int steps;
  int during;
};

std::ostream& operator<<(std::ostream& out, const Command& c) {
  constexpr const char* kNames[] = {"append", "flush",   "reopen", "truncate", "remove",
                                    "retain", "compact", "kill",   "power_cut"};
  return out << kNames[static_cast<std::size_t>(c.kind)] << "(" << c.records << " records, producer " << c.producer
             << ", " << c.steps << " steps, during " << c.during << ")";
}

rc::Gen<Command> any_command() {
  using Kind = Command::Kind;
  const auto kind = rc::gen::weightedElement<Kind>({{30, Kind::append},
                                                    {3, Kind::flush},
                                                    {2, Kind::reopen},
                                                    {1, Kind::truncate},
                                                    {1, Kind::remove},
                                                    {2, Kind::retain},
                                                    {6, Kind::compact},
                                                    {3, Kind::kill},
                                                    {6, Kind::power_cut}});
  return rc::gen::construct<Command>(kind, rc::gen::inRange(1, 6), rc::gen::inRange(-1, 3), rc::gen::inRange(0, 120),
                                     rc::gen::inRange(0, 4));
}

struct Settings {
  std::int64_t segment_bytes;
  std::int64_t index_interval;
  std::int64_t flush_messages;
  int keys;
  std::size_t io_bytes;
  std::size_t map_slots;
  bool keep_tombstones;
  std::uint64_t seed;
};

std::ostream& operator<<(std::ostream& out, const Settings& s) {
  return out << "segment " << s.segment_bytes << " index " << s.index_interval << " flush " << s.flush_messages
             << " keys " << s.keys << " io " << s.io_bytes << " map " << s.map_slots << " tombstones "
             << s.keep_tombstones << " seed " << s.seed;
}

LogTwin make_twin(const Settings& settings) {
  LogConfig config;
  config.segment_bytes = settings.segment_bytes;
  config.index_interval_bytes = settings.index_interval;
  config.flush_messages = settings.flush_messages;
  config.cleanup_compact = true;
  config.retention_ms = -1;
  config.retention_bytes = settings.segment_bytes * 5;
  config.min_cleanable_ratio = 0;
  config.delete_retention_ms = settings.keep_tombstones ? 1'000'000'000 : 0;
  config.file_delete_delay_ms = 10;
  CleaningLimits limits;
  limits.io_bytes = settings.io_bytes;
  limits.map_bytes = settings.map_slots * OffsetMap::kBytesPerSlot;
  return LogTwin(settings.seed, config, limits);
}

std::string execute(LogTwin& twin, const Settings& settings, const Command& command) {
  switch (command.kind) {
    case Command::Kind::append: return twin.append(command.records, settings.keys, command.steps, command.producer);
    case Command::Kind::flush: return twin.flush();
    case Command::Kind::reopen: return twin.reopen();
    case Command::Kind::truncate: return twin.truncate(static_cast<std::size_t>(command.records));
    case Command::Kind::remove: return twin.delete_records(static_cast<std::size_t>(command.records));
    case Command::Kind::retain: return twin.retain();
    case Command::Kind::compact: return twin.compact();
    case Command::Kind::kill:
    case Command::Kind::power_cut:
      return twin.crash(command.kind == Command::Kind::power_cut, static_cast<LogTwin::During>(command.during),
                        command.steps * 2, command.records, settings.keys);
  }
  return "";
}

TEST(LogModel, holds_what_its_twin_holds_whatever_is_done_to_it) {
  const bool held = rc::check([] {
    const auto settings = *rc::gen::construct<Settings>(
        rc::gen::element<std::int64_t>(700, 1500, 6000), rc::gen::element<std::int64_t>(1, 300, 4096),
        rc::gen::element<std::int64_t>(1, 1, 5), rc::gen::inRange(1, 30),
        rc::gen::element<std::size_t>(100, 600, 100'000), rc::gen::element<std::size_t>(10, 40, 10'000),
        rc::gen::arbitrary<bool>(), rc::gen::arbitrary<std::uint64_t>());
    const auto commands = *rc::gen::container<std::vector<Command>>(any_command());
    LogTwin twin = make_twin(settings);
    for (const Command& command : commands) {
      const std::string problem = execute(twin, settings, command);
      if (!problem.empty()) RC_FAIL(problem);
    }
  });
  EXPECT_TRUE(held);
}

// BARNABAS_POWER_CUTS: how many; BARNABAS_POWER_CUT_SEED: the first one's seed.
std::int64_t from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

// Each cut comes at an instant drawn from the whole length of an append (with a roll or without), a compaction or a
// deletion, on a log that has seen several of them, and failed syncs.
TEST(LogModel, nothing_promised_is_lost_by_any_of_many_power_cuts) {
  const std::int64_t cuts = from_environment("BARNABAS_POWER_CUTS", 500);
  const auto first = static_cast<std::uint64_t>(from_environment("BARNABAS_POWER_CUT_SEED", 1));
  int passes = 0;
  std::int64_t done = 0;
  for (std::uint64_t seed = first; done < cuts; ++seed) {
    Prng draw(seed);
    const auto below = [&](std::uint64_t bound) { return static_cast<int>(draw.below(bound)); };
    Settings settings{};
    settings.segment_bytes = draw.between(500, 2500);
    settings.index_interval = draw.between(1, 800);
    settings.flush_messages = 1;
    settings.keys = 1 + below(25);
    settings.io_bytes = static_cast<std::size_t>(draw.between(100, 3000));
    settings.map_slots = static_cast<std::size_t>(draw.between(10, 200));
    settings.keep_tombstones = below(2) == 0;
    settings.seed = seed;
    LogTwin twin = make_twin(settings);
    for (int round = 0; round < 10; ++round, ++done) {
      const int appends = below(14);
      std::string problem;
      for (int i = 0; i < appends && problem.empty(); ++i) {
        problem = twin.append(1 + below(5), settings.keys, below(90), below(4) - 1);
      }
      if (problem.empty() && below(4) == 0) problem = twin.compact();
      if (problem.empty() && below(6) == 0) problem = twin.fail_syncs(below(2) == 0, 1 + below(5), settings.keys);
      const auto during = static_cast<LogTwin::During>(below(4));
      if (problem.empty()) problem = twin.crash(true, during, below(260), 1 + below(5), settings.keys);
      ASSERT_EQ(problem, "") << "BARNABAS_POWER_CUTS=1 BARNABAS_POWER_CUT_SEED=" << seed << ", " << settings
                             << ", round " << round;
    }
    passes += twin.passes();
  }
  EXPECT_GT(passes, 0);
}

}  // namespace
}  // namespace barnabas::log
