// What a start makes of a damaged journal: what was synced is never cut off in silence.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/zookeeper/embedded_server.hpp"
#include "core/zookeeper/journal_format.hpp"
#include "tests/zookeeper/server_node.hpp"

namespace barnabas::zookeeper {
namespace {

constexpr int kZnodes = 8;

Task<Result<Buffer>> read_file(env::Env env, std::string path) {
  B_CO_TRY(auto file, co_await env.disk.open(path, env::OpenMode::read));
  co_return co_await file->read_at(0, static_cast<std::size_t>(file->size()));
}
Task<Result<void>> write_file(env::Env env, std::string path, Buffer bytes) {
  B_CO_TRY(auto file, co_await env.disk.open(path, env::OpenMode::create_truncate));
  const ByteView parts[] = {bytes.view()};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  co_return co_await file->sync();
}

struct Fixture : ServerNode {
  explicit Fixture(std::uint64_t snapshot = std::uint64_t{8} << 20) : ServerNode(1, snapshot) {}

  bool create(std::string name) {
    auto made = world.run(node, client->create("/" + name, Buffer::copy_of(as_bytes(name)), CreateMode::persistent));
    return made.has_value();
  }
  void fill(int count) { fill_from(0, count); }
  void fill_to(int count) { fill_from(held(), count); }
  void fill_from(int first, int count) {
    for (int i = first; i < count; ++i) ASSERT_TRUE(create("k" + std::to_string(i)));
  }
  bool holds(const std::string& name) { return server->tree().get("/" + name).has_value(); }
  // How many of fill()'s znodes are there; -1 when one before them is missing.
  int held() {
    int count = 0;
    while (holds("k" + std::to_string(count))) ++count;
    for (int i = count; i < kZnodes; ++i) {
      if (holds("k" + std::to_string(i))) return -1;
    }
    return count;
  }
  std::vector<std::string> files(std::string_view prefix) {
    auto names = world.run(node, node.env().disk.list(std::string(kDirectory))).value();
    std::erase_if(names, [&](const auto& name) { return !name.starts_with(prefix); });
    return names;
  }
  std::string path(std::string_view name) { return std::string(kDirectory) + "/" + std::string(name); }
  // Without the room that follows what is in it.
  Buffer read(const std::string& name) {
    const Buffer bytes = world.run(node, read_file(node.env(), path(name))).value();
    std::size_t size = bytes.size();
    while (size > 0 && bytes.view()[size - 1] == std::byte{0}) --size;
    return bytes.slice(0, size);
  }
  std::uint64_t size_of(const std::string& name) {
    return world.run(node, read_file(node.env(), path(name))).value().size();
  }
  void write(const std::string& name, ByteView bytes) {
    ASSERT_TRUE(world.run(node, write_file(node.env(), path(name), Buffer::copy_of(bytes))).has_value());
  }
  void remove(const std::string& name) { ASSERT_TRUE(world.run(node, node.env().disk.remove(path(name))).has_value()); }
};

void expect_refusal(const Result<void>& opened, std::string_view what) {
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::corrupt);
  EXPECT_NE(opened.error().message.find(what), std::string::npos) << opened.error().message;
  EXPECT_NE(opened.error().message.find("restore the directory from a copy"), std::string::npos);
}

std::vector<std::byte> flipped(const Buffer& bytes, std::size_t at, std::uint8_t mask) {
  std::vector<std::byte> copy(bytes.view().begin(), bytes.view().end());
  copy[at] ^= std::byte{mask};
  return copy;
}

TEST(JournalDamage, after_a_clean_stop_no_flipped_byte_loses_anything) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  f.fill(kZnodes);
  f.stop();
  const std::string log = log_name(Zxid(1));
  const Buffer bytes = f.read(log);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const std::uint8_t mask : {std::uint8_t{1}, std::uint8_t{0xff}}) {
      f.write(log, flipped(bytes, at, mask));
      const auto opened = f.open();
      if (!opened) {
        ++refused;
        expect_refusal(opened, log);
        continue;
      }
      EXPECT_EQ(f.held(), kZnodes) << at;
      f.stop();
    }
  }
  EXPECT_EQ(refused, 2 * (bytes.size() - kMarkerSize));  // Only the mark of the stop itself can be done without.
  f.write(log, flipped(bytes, 50, 1));
  expect_refusal(f.open(), "the record at offset 44 is not as it was written");
}

TEST(JournalDamage, after_a_kill_a_flipped_byte_can_take_the_last_group_only) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  f.fill(kZnodes);
  f.kill();
  const std::string log = log_name(Zxid(1));
  const Buffer bytes = f.read(log);
  std::size_t cut = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    f.write(log, flipped(bytes, at, 1));
    const auto opened = f.open();
    if (!opened) continue;
    ++cut;
    EXPECT_EQ(f.held(), kZnodes - 1) << at;
    EXPECT_GT(f.server->recovery().bytes_cut, 0U) << at;
    f.kill();
  }
  EXPECT_GT(cut, 0U);
  EXPECT_LT(cut, bytes.size() / 4);
}

TEST(JournalDamage, the_room_after_the_last_record_is_no_torn_tail_and_is_used) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  f.fill(2);
  const std::string log = log_name(Zxid(1));
  const std::uint64_t room = f.size_of(log);
  EXPECT_GT(room, f.read(log).size());
  for (int round = 1; round < 4; ++round) {
    round == 2 ? f.power_cut() : f.kill();
    ASSERT_TRUE(f.open().has_value());
    EXPECT_EQ(f.server->recovery().bytes_cut, 0U);
    EXPECT_EQ(f.held(), 2 * round);
    f.fill_to(2 * round + 2);
    EXPECT_EQ(f.size_of(log), room);
  }
  f.stop();
  EXPECT_EQ(f.size_of(log), f.read(log).size());
}

TEST(JournalDamage, a_journal_without_its_header_is_refused) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  f.fill(kZnodes);
  f.stop();
  const std::string log = log_name(Zxid(1));
  const Buffer bytes = f.read(log);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    f.write(log, bytes.view().first(size));
    const auto opened = f.open();
    ASSERT_EQ(opened.has_value(), size >= kLogHeaderSize) << size;
    if (!opened) {
      expect_refusal(opened, log);
      continue;
    }
    EXPECT_GE(f.held(), 0) << size;
    f.kill();
  }
}

TEST(JournalDamage, a_snapshot_without_the_journal_after_it_is_refused) {
  Fixture f(300);
  ASSERT_TRUE(f.open().has_value());
  f.fill(20);
  f.stop();
  ASSERT_EQ(f.files("snapshot.").size(), 1U);
  ASSERT_EQ(f.files("log.").size(), 1U);
  const std::string log = f.files("log.").front();
  const Buffer bytes = f.read(log);
  f.remove(log);
  expect_refusal(f.open(), f.files("snapshot.").front());
  f.write(log, {});
  expect_refusal(f.open(), log);
  f.write(log, bytes.view());
  EXPECT_TRUE(f.open().has_value());
}

// After a failed sync the page cache shows what the disk does not hold, and no later sync writes it.
TEST(JournalDamage, what_a_start_shows_after_a_failed_sync_survives_a_power_cut) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  f.fill(1);
  const std::string unknown(3'000, 'u');  // Sectors that the next group does not share.
  f.node.disk().fail_syncs("log.", 1);
  EXPECT_FALSE(f.create(unknown));
  f.kill();
  ASSERT_TRUE(f.open().has_value());
  ASSERT_TRUE(f.holds(unknown));
  ASSERT_TRUE(f.create("after"));
  f.power_cut();
  const auto opened = f.open();
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  EXPECT_TRUE(f.holds(unknown));
  EXPECT_TRUE(f.holds("after"));
}

TEST(JournalDamage, a_journal_that_could_not_be_begun_leaves_the_one_before_in_use) {
  const auto second_log = [] {
    Fixture f(400);
    EXPECT_TRUE(f.open().has_value());
    for (int i = 0; f.files("snapshot.").empty(); ++i) EXPECT_TRUE(f.create("k" + std::to_string(i)));
    f.stop();
    return f.files("log.").front();
  };
  const std::string second = second_log();
  ASSERT_NE(second, log_name(Zxid(1)));
  Fixture f(400);
  ASSERT_TRUE(f.open().has_value());
  f.node.disk().fail_syncs(second, 1);
  while (f.files("snapshot.").empty()) f.create("k" + std::to_string(f.held()));
  f.fill_to(kZnodes);
  EXPECT_EQ(f.files("log."), (std::vector<std::string>{log_name(Zxid(1)), second + ".tmp"}));
  f.power_cut();
  const auto opened = f.open();
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  EXPECT_EQ(f.held(), kZnodes);
}

}  // namespace
}  // namespace barnabas::zookeeper
