// The simulated disk behind env::Disk: time, kills, locks, failures.
#include <gtest/gtest.h>

#include <set>

#include "sim/world/world.hpp"

namespace barnabas::sim {
namespace {

using env::OpenMode;

Task<Result<void>> put(env::Env env, std::string path, std::string text, bool sync) {
  B_CO_TRY(auto file, co_await env.disk.open(path, OpenMode::create_truncate));
  const ByteView parts[] = {as_bytes(text)};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  if (sync) B_CO_TRY_VOID(co_await file->sync());
  if (sync) B_CO_TRY_VOID(co_await env.disk.sync_directory("/"));
  co_return Result<void>{};
}

Task<Result<std::string>> get(env::Env env, std::string path) {
  B_CO_TRY(auto file, co_await env.disk.open(path, OpenMode::read));
  B_CO_TRY(const Buffer data, co_await file->read_at(0, 1 << 20));
  co_return std::string(as_text(data.view()));
}

struct Fixture {
  explicit Fixture(std::uint64_t seed = 1) : world(seed), node(world.add_node("a")) {}
  Result<void> put_now(std::string path, std::string text, bool sync) {
    return world.run(node, put(node.env(), std::move(path), std::move(text), sync));
  }
  Result<std::string> get_now(std::string path) { return world.run(node, get(node.env(), std::move(path))); }
  World world;
  Node& node;
};

TEST(Disk, a_killed_process_leaves_what_it_wrote) {
  Fixture f;
  ASSERT_TRUE(f.put_now("/f", "cached", false).has_value());
  f.node.kill();
  f.node.restart();
  EXPECT_EQ(f.get_now("/f").value(), "cached");
}

TEST(Disk, a_power_cut_may_lose_what_was_not_synced_and_keeps_the_rest) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Fixture f(seed);
    ASSERT_TRUE(f.put_now("/safe", "synced", true).has_value());
    ASSERT_TRUE(f.put_now("/f", "cached", false).has_value());
    f.node.power_cut();
    f.node.restart();
    EXPECT_EQ(f.get_now("/safe").value(), "synced");
    const auto left = f.get_now("/f");
    seen.insert(left ? *left : "gone");
  }
  EXPECT_TRUE(seen.contains("gone"));
  EXPECT_TRUE(seen.contains("cached"));
  EXPECT_TRUE(seen.contains(""));
}

TEST(Disk, a_kill_cuts_a_write_short) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Fixture f(seed);
    ASSERT_TRUE(f.put_now("/f", "", true).has_value());
    auto file = f.world.run(f.node, f.node.env().disk.open("/f", OpenMode::read_write)).value();
    const std::string text(1'000, 'x');
    const ByteView parts[] = {as_bytes(text)};
    f.node.spawn([&](env::Env) -> Task<void> { static_cast<void>(co_await file->write_at(0, parts)); });
    f.world.step();  // The write begins.
    f.node.kill();
    f.node.restart();
    const std::string left = f.get_now("/f").value();
    EXPECT_EQ(left, std::string(left.size(), 'x'));
    seen.insert(left.empty() ? "nothing" : left.size() == 1'000 ? "all" : "part");
  }
  EXPECT_EQ(seen, (std::set<std::string>{"nothing", "all", "part"}));
}

TEST(Disk, operations_take_time_and_answer_in_any_order) {
  Fixture f;
  auto file = f.world.run(f.node, f.node.env().disk.open("/f", OpenMode::create)).value();
  const Instant before = f.world.now();
  ASSERT_TRUE(f.world.run(f.node, file->sync()).has_value());
  EXPECT_GE(f.world.now() - before, 100us);
}

TEST(Disk, an_operation_goes_on_when_its_waiter_is_destroyed) {
  Fixture f;
  auto file = f.world.run(f.node, f.node.env().disk.open("/f", OpenMode::create)).value();
  {
    Scope scope(f.node.env().executor);
    const auto write = [](env::File& to) -> Task<void> {
      const ByteView parts[] = {as_bytes("kept")};
      static_cast<void>(co_await to.write_at(0, parts));
    };
    scope.spawn(write(*file));
    f.world.step();
    EXPECT_EQ(file->size(), 0u);
  }
  f.world.run_for(1s);
  EXPECT_EQ(f.get_now("/f").value(), "kept");
}

TEST(Disk, a_file_may_be_destroyed_while_it_is_read) {
  Fixture f;
  ASSERT_TRUE(f.put_now("/f", "data", true).has_value());
  auto file = f.world.run(f.node, f.node.env().disk.open("/f", OpenMode::read)).value();
  std::string read;
  f.node.spawn([&](env::Env) -> Task<void> {
    const auto data = co_await file->read_at(0, 10);
    read = as_text(data->view());
  });
  f.world.step();
  file.reset();
  f.world.run_for(1s);
  EXPECT_EQ(read, "data");
}

TEST(Disk, a_lock_is_exclusive_and_dies_with_its_holder_or_process) {
  Fixture f;
  auto lock = f.world.run(f.node, f.node.env().disk.lock("/.lock"));
  ASSERT_TRUE(lock.has_value());
  EXPECT_EQ(f.world.run(f.node, f.node.env().disk.lock("/.lock")).error().code, Errc::locked);
  lock->reset();
  lock = f.world.run(f.node, f.node.env().disk.lock("/.lock"));
  ASSERT_TRUE(lock.has_value());
  f.node.restart();
  const auto taken = f.world.run(f.node, f.node.env().disk.lock("/.lock"));
  EXPECT_TRUE(taken.has_value());
  lock->reset();  // The dead process's lock frees nothing.
  EXPECT_EQ(f.world.run(f.node, f.node.env().disk.lock("/.lock")).error().code, Errc::locked);
}

TEST(Disk, a_lock_that_nobody_waits_for_any_more_is_given_up) {
  Fixture f;
  {
    Scope scope(f.node.env().executor);
    const auto take = [](env::Env env) -> Task<void> { static_cast<void>(co_await env.disk.lock("/.lock")); };
    scope.spawn(take(f.node.env()));
    f.world.step();
  }
  f.world.run_for(1s);
  EXPECT_TRUE(f.world.run(f.node, f.node.env().disk.lock("/.lock")).has_value());
}

TEST(Disk, open_modes_do_what_they_say) {
  Fixture f;
  const auto open = [&](OpenMode mode) { return f.world.run(f.node, f.node.env().disk.open("/f", mode)); };
  EXPECT_EQ(open(OpenMode::read).error().code, Errc::not_found);
  EXPECT_EQ(open(OpenMode::read_write).error().code, Errc::not_found);
  EXPECT_TRUE(open(OpenMode::create_exclusive).has_value());
  EXPECT_EQ(open(OpenMode::create_exclusive).error().code, Errc::already_exists);
  ASSERT_TRUE(f.put_now("/f", "data", false).has_value());
  EXPECT_EQ(open(OpenMode::create).value()->size(), 4u);
  EXPECT_EQ(open(OpenMode::create_truncate).value()->size(), 0u);
  ASSERT_TRUE(f.put_now("/f", "data", false).has_value());
  EXPECT_FALSE(f.node.disk().files().find("/f").value()->owners_only);
  EXPECT_EQ(open(OpenMode::create_private).value()->size(), 0u);
  EXPECT_TRUE(f.node.disk().files().find("/f").value()->owners_only);
  auto reader = open(OpenMode::read).value();
  const ByteView parts[] = {as_bytes("x")};
  EXPECT_EQ(f.world.run(f.node, reader->write_at(0, parts)).error().code, Errc::permission_denied);
}

TEST(Disk, list_is_sorted_and_exists_tells) {
  Fixture f;
  for (const char* path : {"/b", "/c", "/a"}) ASSERT_TRUE(f.put_now(path, "", false).has_value());
  EXPECT_EQ(f.world.run(f.node, f.node.env().disk.list("/")).value(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(f.world.run(f.node, f.node.env().disk.list("/none")).error().code, Errc::not_found);
  EXPECT_TRUE(f.world.run(f.node, f.node.env().disk.exists("/a")).value());
  EXPECT_FALSE(f.world.run(f.node, f.node.env().disk.exists("/d")).value());
}

TEST(Disk, a_full_disk_says_no_space) {
  Fixture f;
  f.node.disk().faults().capacity = 8'192;
  EXPECT_TRUE(f.put_now("/f", std::string(4'096, 'x'), false).has_value());
  EXPECT_EQ(f.world.run(f.node, f.node.env().disk.free_space("/")).value(), 4'096u);
  EXPECT_EQ(f.put_now("/g", std::string(5'000, 'x'), false).error().code, Errc::no_space);
}

TEST(Disk, a_full_disk_has_no_room_for_a_hole_either) {
  Fixture f;
  ASSERT_TRUE(f.put_now("/f", std::string(4'096, 'x'), false).has_value());
  f.node.disk().faults().capacity = f.node.disk().files().allocated();
  const auto file = f.world.run(f.node, f.node.env().disk.open("/f", OpenMode::read_write)).value();
  ASSERT_TRUE(f.world.run(f.node, file->truncate(1 << 20)).has_value());
  const ByteView parts[] = {as_bytes("y")};
  EXPECT_TRUE(f.world.run(f.node, file->write_at(4'095, parts)).has_value());
  EXPECT_EQ(f.world.run(f.node, file->write_at(4'096, parts)).error().code, Errc::no_space);
}

TEST(Disk, injected_errors_are_io_errors) {
  Fixture f;
  ASSERT_TRUE(f.put_now("/f", "data", true).has_value());
  f.node.disk().faults().read_error = {1, 1};
  EXPECT_EQ(f.get_now("/f").error().code, Errc::io_error);
  f.node.disk().faults() = DiskFaults{};
  f.node.disk().faults().write_error = {1, 1};
  EXPECT_EQ(f.put_now("/f", "more", false).error().code, Errc::io_error);
  f.node.disk().faults() = DiskFaults{};
  f.node.disk().fail_syncs("/f", 1);
  EXPECT_TRUE(f.put_now("/g", "data", true).has_value());
  EXPECT_EQ(f.put_now("/f", "data", true).error().code, Errc::io_error);
  EXPECT_TRUE(f.put_now("/f", "data", true).has_value());
}

TEST(Disk, a_directory_change_that_fails_has_not_happened) {
  Fixture f;
  ASSERT_TRUE(f.put_now("/f", "data", true).has_value());
  f.node.disk().faults().change_error = {1, 1};
  EXPECT_EQ(f.world.run(f.node, f.node.env().disk.rename("/f", "/g")).error().code, Errc::io_error);
  EXPECT_EQ(f.world.run(f.node, f.node.env().disk.remove("/f")).error().code, Errc::io_error);
  EXPECT_EQ(f.put_now("/h", "data", false).error().code, Errc::io_error);
  EXPECT_EQ(f.world.run(f.node, f.node.env().disk.list("/")).value(), (std::vector<std::string>{"f"}));
}

TEST(Disk, errors_strike_only_the_paths_they_are_held_to) {
  Fixture f;
  f.node.disk().faults().write_error = {1, 1};
  f.node.disk().faults().errors_of = ".txnindex";
  EXPECT_TRUE(f.put_now("/0.log", "data", true).has_value());
  EXPECT_EQ(f.put_now("/0.txnindex", "data", true).error().code, Errc::io_error);
}

TEST(Disk, nothing_left_means_no_new_file_either_now_and_then) {
  Fixture f;
  ASSERT_TRUE(f.put_now("/f", "data", true).has_value());
  f.node.disk().faults().capacity = f.node.disk().files().allocated();
  int refused = 0;
  for (int i = 0; i < 30; ++i) {
    const auto opened = f.world.run(f.node, f.node.env().disk.open("/g" + std::to_string(i), OpenMode::create));
    if (!opened) EXPECT_EQ(opened.error().code, Errc::no_space);
    refused += opened ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 30);
  EXPECT_TRUE(f.world.run(f.node, f.node.env().disk.open("/f", OpenMode::create)).has_value());
}

TEST(Disk, rot_turns_one_bit_of_a_file_it_may_strike) {
  Fixture f;
  ASSERT_TRUE(f.put_now("/a.log", "data", true).has_value());
  ASSERT_TRUE(f.put_now("/a.index", "data", true).has_value());
  const auto only_indexes = [](const std::string& path) { return path.ends_with(".index"); };
  EXPECT_TRUE(f.node.disk().rot(only_indexes));
  EXPECT_EQ(f.get_now("/a.log").value(), "data");
  std::string rotten = f.get_now("/a.index").value();
  ASSERT_EQ(rotten.size(), 4u);
  int bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits += __builtin_popcount(static_cast<unsigned char>(rotten[i] ^ "data"[i]));
  EXPECT_EQ(bits, 1);
  f.node.power_cut();
  f.node.restart();
  EXPECT_EQ(f.get_now("/a.index").value(), rotten);
  // Not one that is still to be written, and not what is not there.
  ASSERT_TRUE(f.put_now("/a.index", "new", false).has_value());
  EXPECT_FALSE(f.node.disk().rot(only_indexes));
}

TEST(Disk, slow_syncs_leave_the_rest_alone) {
  Fixture f;
  f.node.disk().faults().slow_sync = {1, 1};
  f.node.disk().faults().slow_max = 50s;
  ASSERT_TRUE(f.put_now("/f", "data", false).has_value());
  EXPECT_LT(f.world.elapsed(), 1s);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.put_now("/f", "data", true).has_value());
  EXPECT_GE(f.world.elapsed(), 10s);
}

TEST(Disk, slow_operations_are_slow) {
  Fixture f;
  f.node.disk().faults().slow = {1, 1};
  f.node.disk().faults().slow_max = 50s;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.put_now("/f", "data", true).has_value());
  EXPECT_GE(f.world.elapsed(), 20s);
}

}  // namespace
}  // namespace barnabas::sim
