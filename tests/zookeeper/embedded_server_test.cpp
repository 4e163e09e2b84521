// The embedded server on the simulated disk: what was answered survives kills and power cuts.
#include "core/zookeeper/embedded_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/zookeeper/journal_format.hpp"
#include "tests/zookeeper/server_node.hpp"

namespace barnabas::zookeeper {
namespace {

constexpr std::string_view kDirectory = ServerNode::kDirectory;

EmbeddedOptions options(std::uint64_t snapshot_after = std::uint64_t{8} << 20) {
  return {std::string(kDirectory), snapshot_after};
}
Data data_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

struct Fixture : ServerNode {
  explicit Fixture(std::uint64_t seed = 1, std::uint64_t snapshot = std::uint64_t{8} << 20)
      : ServerNode(seed, snapshot) {}

  Result<std::string> create(std::string path, std::string text, CreateMode mode = CreateMode::persistent) {
    return world.run(node, client->create(std::move(path), data_of(text), mode));
  }
  std::string get(std::string path) {
    auto found = world.run(node, client->get(std::move(path)));
    return found ? std::string(as_text(found->data->view())) : std::string(name_of(found.error().code));
  }
};

TEST(EmbeddedServer, answers_what_a_client_asks) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  EXPECT_EQ(f.create("/a", "1").value(), "/a");
  EXPECT_EQ(f.create("/a", "1").error().code, Errc::already_exists);
  EXPECT_EQ(f.create("/a/n-", "", CreateMode::sequential).value(), "/a/n-0000000000");
  EXPECT_EQ(f.get("/a"), "1");
  EXPECT_EQ(f.world.run(f.node, f.client->set("/a", data_of("2"), 0)).value().version, 1);
  EXPECT_EQ(f.world.run(f.node, f.client->set("/a", data_of("3"), 0)).error().code, Errc::bad_version);
  EXPECT_EQ(f.world.run(f.node, f.client->remove("/a", kAnyVersion)).error().code, Errc::not_empty);
  EXPECT_EQ(f.world.run(f.node, f.client->children("/a")).value().names, std::vector<std::string>{"n-0000000000"});
  EXPECT_TRUE(f.world.run(f.node, f.client->exists("/a")).value().has_value());
  EXPECT_FALSE(f.world.run(f.node, f.client->exists("/b")).value().has_value());
}

TEST(EmbeddedServer, a_clean_stop_keeps_everything) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  ASSERT_TRUE(f.create("/a", "kept").has_value());
  const Zxid last = f.server->tree().last_zxid();
  f.stop();
  ASSERT_TRUE(f.open().has_value());
  EXPECT_EQ(f.get("/a"), "kept");
  EXPECT_EQ(f.server->recovery().last_zxid, last);
  EXPECT_EQ(f.server->recovery().bytes_cut, 0U);
}

TEST(EmbeddedServer, a_restart_ends_the_sessions_of_the_process_before) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  ASSERT_TRUE(f.create("/mine", "", CreateMode::ephemeral).has_value());
  f.kill();
  ASSERT_TRUE(f.open().has_value());
  EXPECT_EQ(f.get("/mine"), "not_found");
  EXPECT_EQ(f.server->tree().sessions().size(), 1U);
}

TEST(EmbeddedServer, closing_a_client_removes_its_ephemerals) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  auto other = f.server->connect().value();
  ASSERT_TRUE(f.world.run(f.node, other->create("/theirs", data_of(""), CreateMode::ephemeral)).has_value());
  EXPECT_EQ(f.get("/theirs"), "");
  ASSERT_TRUE(f.world.run(f.node, other->close()).has_value());
  EXPECT_EQ(f.get("/theirs"), "not_found");
  EXPECT_EQ(f.world.run(f.node, other->get("/")).error().code, Errc::session_expired);
  EXPECT_EQ(f.world.run(f.node, other->create("/x", data_of(""), {})).error().code, Errc::session_expired);
}

TEST(EmbeddedServer, after_stop_everything_is_closed) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  f.world.run(f.node, f.server->stop());
  EXPECT_EQ(f.create("/a", "").error().code, Errc::closed);
  EXPECT_EQ(f.world.run(f.node, f.client->get("/")).error().code, Errc::closed);
  EXPECT_FALSE(f.server->connect().has_value());
}

TEST(EmbeddedServer, a_second_process_on_the_directory_is_refused) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  const auto second = f.world.run(f.node, EmbeddedServer::open(f.node.env(), options()));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::locked);
  EXPECT_NE(second.error().message.find("log.dirs"), std::string::npos);
}

TEST(EmbeddedServer, too_large_requests_are_refused_before_they_count) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  const Zxid last = f.server->tree().last_zxid();
  std::vector<Op> ops;
  for (int i = 0; i < 20; ++i) {
    ops.push_back(CreateOp{"/n" + std::to_string(i), Buffer::allocate(kMaxDataSize), {}});
  }
  EXPECT_EQ(f.world.run(f.node, f.client->multi(std::move(ops))).error().code, Errc::too_large);
  EXPECT_EQ(f.server->tree().last_zxid(), last);
}

// Writes /k<i> = <i> in parallel and one after the other, and notes what was answered.
struct Load {
  std::vector<int> answered;
};
Task<void> write_many(EmbeddedServer& server, int first, int count, Load& load) {
  auto client = std::move(*server.connect());
  for (int i = first; i < first + count; ++i) {
    std::string path = "/k" + std::to_string(i);
    Data data = data_of(std::to_string(i));
    const auto made = co_await client->create(std::move(path), std::move(data), CreateMode::persistent);
    if (made) load.answered.push_back(i);
  }
}

// What is there was written: each writer's znodes without a gap, each with the data that was written to it.
void expect_clean_prefix(const EmbeddedServer& server, std::uint64_t seed) {
  for (const std::string& name : server.tree().children("/").value().names) {
    if (name == "zookeeper") continue;
    const int number = std::stoi(name.substr(1));
    EXPECT_EQ(as_text(server.tree().get("/" + name)->data->view()), name.substr(1)) << "seed " << seed;
    if (number % 100 == 0) continue;
    EXPECT_TRUE(server.tree().exists("/k" + std::to_string(number - 1)).value().has_value()) << "seed " << seed;
  }
}

// Interrupts a load at a moment the seed chooses, and checks what the next start finds. Bit <round> of power_cuts: with
// a power cut, else with a kill.
constexpr std::uint64_t kAllPowerCuts = 15;
void interrupt(std::uint64_t seed, std::uint64_t power_cuts, std::uint64_t snapshot_after, std::uint64_t& cut_tails) {
  Fixture f(seed, snapshot_after);
  Prng draw = f.world.stream("test");
  Load load;
  std::vector<int> known;
  for (int round = 0; round < 4; ++round) {
    const auto opened = f.open();
    ASSERT_TRUE(opened.has_value()) << "seed " << seed << ": " << opened.error().to_string();
    if (f.server->recovery().bytes_cut > 0) ++cut_tails;
    for (const int i : known) ASSERT_EQ(f.get("/k" + std::to_string(i)), std::to_string(i)) << "seed " << seed;
    expect_clean_prefix(*f.server, seed);
    for (int writer = 0; writer < 3; ++writer) {
      f.node.spawn_task(write_many(*f.server, round * 1'000 + writer * 100, 40, load));
    }
    const auto steps = draw.below(600);
    for (std::uint64_t i = 0; i < steps && f.world.step(); ++i) {
    }
    ((power_cuts >> round) & 1) != 0 ? f.power_cut() : f.kill();
    known.insert(known.end(), load.answered.begin(), load.answered.end());
    load.answered.clear();
  }
}

TEST(EmbeddedServer, what_was_answered_survives_kills) {
  std::uint64_t cut = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) interrupt(seed, 0, std::uint64_t{8} << 20, cut);
}

TEST(EmbeddedServer, what_was_answered_survives_power_cuts_and_torn_tails_are_cut) {
  std::uint64_t cut = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) interrupt(seed, kAllPowerCuts, std::uint64_t{8} << 20, cut);
  EXPECT_GT(cut, 0U);  // Else this proves nothing about torn tails.
}

TEST(EmbeddedServer, what_was_answered_survives_while_snapshots_are_taken) {
  std::uint64_t cut = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) interrupt(seed, seed % 2 == 0 ? kAllPowerCuts : 0, 600, cut);
}

// A start after a kill goes on with what only the page cache holds.
TEST(EmbeddedServer, what_was_answered_survives_kills_and_power_cuts_in_turn) {
  std::uint64_t cut = 0;
  for (std::uint64_t seed = 0; seed < 160; ++seed) {
    interrupt(seed, seed & 15, seed % 3 == 0 ? 600 : std::uint64_t{8} << 20, cut);
  }
}

TEST(EmbeddedServer, a_snapshot_replaces_the_journal_before_it) {
  Fixture f(1, 2'000);
  ASSERT_TRUE(f.open().has_value());
  Load load;
  f.world.run(f.node, write_many(*f.server, 0, 100, load));
  const std::string state(as_text(f.server->tree().serialize()));
  f.stop();
  const auto names = f.world.run(f.node, f.node.env().disk.list(std::string(kDirectory))).value();
  EXPECT_EQ(std::ranges::count_if(names, [](const auto& name) { return name.starts_with("snapshot."); }), 1);
  EXPECT_EQ(std::ranges::count_if(names, [](const auto& name) { return name.starts_with("log."); }), 1);
  ASSERT_TRUE(f.open().has_value());
  EXPECT_GT(f.server->recovery().snapshot_zxid.value(), 0);
  EXPECT_LT(f.server->recovery().replayed, 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(f.get("/k" + std::to_string(i)), std::to_string(i));
}

Task<Result<void>> overwrite(env::Env env, std::string path, std::uint64_t at, std::string bytes) {
  B_CO_TRY(auto file, co_await env.disk.open(path, env::OpenMode::read_write));
  const ByteView parts[] = {as_bytes(bytes)};
  co_return co_await file->write_at(at, parts);
}
Task<Result<std::uint64_t>> size_of(env::Env env, std::string path) {
  B_CO_TRY(auto file, co_await env.disk.open(path, env::OpenMode::read));
  co_return file->size();
}

TEST(EmbeddedServer, garbage_after_the_last_record_is_cut_and_reported) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  ASSERT_TRUE(f.create("/a", "kept").has_value());
  f.stop();
  const std::string log = std::string(kDirectory) + "/" + log_name(Zxid(1));
  const std::uint64_t size = f.world.run(f.node, size_of(f.node.env(), log)).value();
  ASSERT_TRUE(f.world.run(f.node, overwrite(f.node.env(), log, size, std::string(100, '\1'))).has_value());
  ASSERT_TRUE(f.open().has_value());
  EXPECT_EQ(f.server->recovery().bytes_cut, 100U);
  EXPECT_EQ(f.server->recovery().notes.size(), 1U);
  EXPECT_EQ(f.get("/a"), "kept");
  f.stop();
  EXPECT_TRUE(f.open().has_value());
  EXPECT_EQ(f.server->recovery().bytes_cut, 0U);
}

TEST(EmbeddedServer, a_damaged_snapshot_without_another_refuses_to_start) {
  Fixture f(1, 1'000);
  ASSERT_TRUE(f.open().has_value());
  Load load;
  f.world.run(f.node, write_many(*f.server, 0, 60, load));
  f.stop();
  std::string snapshot;
  for (const auto& name : f.world.run(f.node, f.node.env().disk.list(std::string(kDirectory))).value()) {
    if (name.starts_with("snapshot.")) snapshot = std::string(kDirectory) + "/" + name;
  }
  ASSERT_FALSE(snapshot.empty());
  ASSERT_TRUE(f.world.run(f.node, overwrite(f.node.env(), snapshot, 100, "X")).has_value());
  const auto opened = f.open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::corrupt);
}

TEST(EmbeddedServer, a_missing_journal_refuses_to_start) {
  Fixture f(1, 1'000);
  ASSERT_TRUE(f.open().has_value());
  Load load;
  f.world.run(f.node, write_many(*f.server, 0, 60, load));
  f.stop();
  for (const auto& name : f.world.run(f.node, f.node.env().disk.list(std::string(kDirectory))).value()) {
    if (!name.starts_with("snapshot.")) continue;
    std::string path = std::string(kDirectory) + "/" + name;
    ASSERT_TRUE(f.world.run(f.node, f.node.env().disk.remove(std::move(path))).has_value());
  }
  const auto opened = f.open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::corrupt);
}

TEST(EmbeddedServer, a_failed_sync_leaves_the_outcome_unknown_and_stops_the_server) {
  Fixture f;
  ASSERT_TRUE(f.open().has_value());
  ASSERT_TRUE(f.create("/a", "safe").has_value());
  f.node.disk().fail_syncs("log.", 1);
  EXPECT_EQ(f.create("/b", "unknown").error().code, Errc::closed);
  EXPECT_EQ(f.create("/c", "refused").error().code, Errc::closed);
  EXPECT_EQ(f.world.run(f.node, f.client->get("/b")).error().code, Errc::closed);
  f.power_cut();
  ASSERT_TRUE(f.open().has_value());
  EXPECT_EQ(f.get("/a"), "safe");
  EXPECT_EQ(f.get("/c"), "not_found");
}

TEST(EmbeddedServer, a_full_disk_at_a_snapshot_loses_nothing) {
  Fixture f(1, 1'000);
  ASSERT_TRUE(f.open().has_value());
  f.node.disk().fail_syncs("snapshot.", 2);
  Load load;
  f.world.run(f.node, write_many(*f.server, 0, 100, load));
  EXPECT_EQ(load.answered.size(), 100U);
  f.power_cut();
  ASSERT_TRUE(f.open().has_value());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(f.get("/k" + std::to_string(i)), std::to_string(i));
}

// A write whose sync is under way is not shown to readers, who would see it vanish in a power cut.
Task<void> look(Client& client, std::string path, std::optional<bool>& seen) {
  const auto stat = co_await client.exists(std::move(path));
  if (stat) seen = stat->has_value();
}
TEST(EmbeddedServer, a_reader_never_sees_what_a_power_cut_can_take_back) {
  int shown = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Fixture f(seed);
    ASSERT_TRUE(f.open().has_value());
    Load load;
    f.node.spawn_task(write_many(*f.server, 0, 1, load));
    const std::uint64_t steps = f.world.stream("test").below(12);
    for (std::uint64_t i = 0; i < steps; ++i) f.world.step();
    std::optional<bool> seen;
    f.node.spawn_task(look(*f.client, "/k0", seen));
    for (std::uint64_t i = 0; i < 12 && !seen; ++i) f.world.step();
    f.power_cut();
    if (!seen.value_or(false)) continue;
    ++shown;
    ASSERT_TRUE(f.open().has_value());
    EXPECT_EQ(f.get("/k0"), "0") << "seed " << seed;
  }
  EXPECT_GT(shown, 0);
}

}  // namespace
}  // namespace barnabas::zookeeper
