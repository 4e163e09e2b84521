#include "core/broker/incarnation.hpp"

#include <gtest/gtest.h>

#include "sim/world/world.hpp"

namespace barnabas::broker {
namespace {

class Incarnation : public ::testing::Test {
 protected:
  std::uint64_t settle(bool clean, std::vector<std::string> data_dirs = {"/a", "/b"}, std::string failed = "") {
    if (!node.alive()) node.restart();
    std::vector<log::DirectoryStatus> directories;
    for (const std::string& data_dir : data_dirs) {
      (void)world.run(node, node.env().disk.create_directories(data_dir));
      directories.push_back({data_dir, data_dir == failed, ""});
    }
    const auto settled = world.run(node, settle_incarnation(node.env(), directories, clean));
    EXPECT_TRUE(settled.has_value());
    EXPECT_NE(settled.value_or(0), 0u);
    return settled.value_or(0);
  }

  sim::World world{1};
  sim::Node& node = world.add_node("broker");
};

TEST_F(Incarnation, stays_when_only_the_process_died) {
  const std::uint64_t first = settle(false);
  node.kill();
  EXPECT_EQ(settle(false), first);
}

TEST_F(Incarnation, changes_with_a_power_cut) {
  const std::uint64_t first = settle(false);
  node.power_cut();
  const std::uint64_t second = settle(false);
  EXPECT_NE(second, first);
  node.kill();
  EXPECT_EQ(settle(false), second);
}

TEST_F(Incarnation, stays_over_a_reboot_after_a_clean_stop) {
  const std::uint64_t first = settle(false);
  node.power_cut();
  EXPECT_EQ(settle(true), first);
  node.kill();
  EXPECT_EQ(settle(false), first) << "the new boot id was written";
}

TEST_F(Incarnation, changes_when_a_directory_is_new_or_out_of_service) {
  const std::uint64_t first = settle(true);
  const std::uint64_t grown = settle(true, {"/a", "/b", "/c"});
  EXPECT_NE(grown, first);
  EXPECT_EQ(settle(true, {"/a", "/b", "/c"}), grown);
  const std::uint64_t failed = settle(true, {"/a", "/b", "/c"}, "/b");
  EXPECT_NE(failed, grown);
  EXPECT_NE(settle(true, {"/a", "/b", "/c"}), failed) << "the directory that comes back tells another number";
}

}  // namespace
}  // namespace barnabas::broker
