// Every invariant must be able to fail, and must not where nothing is wrong: replicas made by hand, with real bytes.
#include "sim/oracle/partition_oracle.hpp"

#include <gtest/gtest.h>

#include <set>

namespace barnabas::sim {
namespace {

constexpr const char* kDirectory = "/data/t-0";

// A replica: a log of headers on a disk, and what its broker believes.
struct Replica {
  FileSystem files;
  ReplicaView view;
  std::uint64_t position = 0;
  std::map<std::int64_t, std::uint64_t> begins;  // Base offset -> position.

  Replica() {
    EXPECT_TRUE(files.create_directories(kDirectory));
    EXPECT_TRUE(files.create(std::string(kDirectory) + "/00000000000000000000.log"));
  }
  Inode& log() { return **files.find(std::string(kDirectory) + "/00000000000000000000.log"); }
  template <class T>
  static void put(std::vector<std::byte>& bytes, std::size_t at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes[at + i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * (sizeof(T) - 1 - i)));
    }
  }
  void append(std::int32_t epoch, std::uint32_t crc, std::int64_t base = -1, std::int64_t producer = -1) {
    if (base < 0) base = view.log_end;
    std::vector<std::byte> bytes(70);
    put<std::int64_t>(bytes, 0, base);
    put<std::int32_t>(bytes, 8, 58);
    put<std::int32_t>(bytes, 12, epoch);
    put<std::uint32_t>(bytes, 17, crc);
    put<std::int32_t>(bytes, 23, 0);
    put<std::int64_t>(bytes, 43, producer);
    put<std::int32_t>(bytes, 53, producer < 0 ? -1 : 0);
    begins[base] = position;
    files.write(log(), position, bytes);
    position += bytes.size();
    view.log_end = base + 1;
  }
  void truncate(std::int64_t to) {
    position = begins.at(to);
    files.truncate(log(), position);
    view.log_end = to;
    view.high_watermark = std::min(view.high_watermark, to);
  }
  void lead(std::int32_t epoch) {
    view.leads = true;
    view.leader_epoch = epoch;
  }
  void follow(std::int32_t epoch) {
    view.leads = false;
    view.leader_epoch = epoch;
  }
};

struct Fixture {
  std::multiset<std::string> found;
  std::string last;
  PartitionOracle oracle{"t-0", [this](std::string_view invariant, const std::string& what) {
                           found.insert(std::string(invariant));
                           last = std::string(invariant) + " " + what;
                         }};
  PartitionOracle::Rules rules;
  std::map<int, Replica> replicas;
  std::vector<std::int32_t> isr{0, 1, 2};
  StateZnode state;

  Fixture() {
    rules.min_insync = 2;
    elect(0, 1, {0, 1, 2});
    for (const int b : {0, 1, 2}) replicas[b].view.leader_epoch = 1;
    replicas[0].lead(1);
    look();
  }
  void elect(std::int32_t leader, std::int32_t epoch, std::vector<std::int32_t> members) {
    const std::optional<StateZnode> before = state.leader_epoch < 0 ? std::nullopt : std::optional(state);
    isr = members;
    state.leader = leader;
    state.leader_epoch = epoch;
    state.incarnations.assign(members.size(), "7");
    state.isr = std::move(members);
    oracle.state_written(state, before, rules, 3);
  }
  void look(int broker) {
    Replica& replica = replicas[broker];
    oracle.see(broker, replica.view, replica.files, kDirectory, rules, [this] { return isr; });
  }
  void look() {
    for (auto& [broker, replica] : replicas) look(broker);
  }
  // The leader appends, all follow, the high watermark moves everywhere.
  void commit(int leader, std::uint32_t crc, std::int64_t producer = -1) {
    const std::int32_t epoch = replicas[leader].view.leader_epoch;
    replicas[leader].append(epoch, crc, -1, producer);
    look(leader);
    for (const int b : isr) {
      if (b != leader) replicas[b].append(epoch, crc, -1, producer);
      look(b);
    }
    replicas[leader].view.high_watermark = replicas[leader].view.log_end;
    look(leader);
    for (const int b : isr) replicas[b].view.high_watermark = replicas[leader].view.log_end;
    look();
  }
  // A follower takes over.
  void fail_over(int to, std::int32_t epoch, std::vector<std::int32_t> members) {
    elect(to, epoch, std::move(members));
    replicas[to].lead(epoch);
    look(to);
  }
  bool only(const std::string& invariant) const { return !found.empty() && found.count(invariant) == found.size(); }
};

TEST(PartitionOracle, says_nothing_of_a_partition_that_changes_its_leader_and_goes_on) {
  Fixture f;
  for (std::uint32_t i = 0; i < 5; ++i) f.commit(0, i);
  f.replicas[0].append(1, 77);  // Never replicated.
  f.look();
  f.fail_over(1, 2, {1, 2});
  f.replicas[2].follow(2);
  f.look();
  f.commit(1, 9);
  f.oracle.forget(0);
  f.replicas[0].truncate(5);
  f.replicas[0].follow(2);
  f.look();
  f.replicas[0].append(2, 9);
  f.look();
  EXPECT_TRUE(f.found.empty()) << f.last;
  EXPECT_EQ(f.oracle.ledger_end(), 6);
}

TEST(PartitionOracle, sees_a_leader_without_what_was_committed) {
  Fixture f;
  for (std::uint32_t i = 0; i < 3; ++i) f.commit(0, i);
  f.oracle.forget(1);
  f.replicas[1].truncate(2);
  f.fail_over(1, 2, {1, 2});
  EXPECT_TRUE(f.only("R1")) << f.last;
}

TEST(PartitionOracle, sees_a_leader_that_came_back_without_its_tail_in_its_old_epoch) {
  Fixture f;
  for (std::uint32_t i = 0; i < 3; ++i) f.commit(0, i);
  f.oracle.tainted(0, 1);
  f.oracle.forget(0);
  f.replicas[0].truncate(1);
  f.look(0);
  EXPECT_TRUE(f.only("R1")) << f.last;
}

TEST(PartitionOracle, excuses_what_all_lost_together_and_counts_it) {
  Fixture f;
  f.rules.min_insync = 1;
  for (std::uint32_t i = 0; i < 3; ++i) f.commit(0, i);
  for (const int b : {0, 1, 2}) {
    f.oracle.tainted(b, 1);
    f.oracle.forget(b);
    f.replicas[b].truncate(b == 1 ? 2 : 1);
  }
  f.fail_over(1, 2, {1});
  EXPECT_TRUE(f.found.empty()) << f.last;
  EXPECT_EQ(f.oracle.excused(), 1U);
  EXPECT_EQ(f.oracle.lost_from(), 2);
  f.commit(1, 5);
  f.oracle.forget(1);
  f.replicas[1].truncate(1);
  f.fail_over(1, 3, {1});
  EXPECT_TRUE(f.only("R1")) << "an excuse is for once";
}

TEST(PartitionOracle, does_not_excuse_the_last_of_an_isr_that_was_too_small_for_the_high_watermark) {
  Fixture f;
  for (std::uint32_t i = 0; i < 3; ++i) f.commit(0, i);
  f.elect(0, 1, {0});
  f.oracle.tainted(0, 1);
  f.oracle.forget(0);
  f.replicas[0].truncate(1);
  f.fail_over(0, 2, {0});
  EXPECT_TRUE(f.only("R1")) << f.last;
}

TEST(PartitionOracle, takes_a_replica_that_left_and_joined_again_for_whole) {
  Fixture f;
  f.commit(0, 1);
  f.oracle.tainted(1, 0);
  f.elect(0, 1, {0, 2});
  f.elect(0, 1, {0, 1, 2});
  f.oracle.tainted(0, 0);
  f.oracle.tainted(2, 0);
  f.oracle.forget(0);
  f.replicas[0].truncate(0);
  f.fail_over(0, 2, {0});
  EXPECT_EQ(f.found.count("R1"), 1U) << "broker 1 had to hold it";
}

TEST(PartitionOracle, sees_other_bytes_at_the_same_offset_and_epoch) {
  Fixture f;
  f.replicas[0].append(1, 5);
  f.look();
  f.replicas[1].append(1, 6);
  f.look();
  EXPECT_TRUE(f.only("R3")) << f.last;
}

TEST(PartitionOracle, sees_a_high_watermark_that_a_member_of_the_isr_has_not_reached) {
  Fixture f;
  f.replicas[0].append(1, 5);
  f.replicas[1].append(1, 5);
  f.look();
  f.replicas[0].view.high_watermark = 1;
  f.look();
  EXPECT_TRUE(f.only("H2")) << f.last;
}

TEST(PartitionOracle, sees_a_high_watermark_that_moves_with_too_few_in_sync) {
  Fixture f;
  f.isr = {0};
  f.replicas[0].append(1, 5);
  f.replicas[0].view.high_watermark = 1;
  f.look();
  EXPECT_TRUE(f.only("R5")) << f.last;
}

TEST(PartitionOracle, sees_a_high_watermark_that_falls_and_numbers_in_the_wrong_order) {
  Fixture f;
  f.commit(0, 5);
  f.replicas[0].view.high_watermark = 0;
  f.look();
  EXPECT_TRUE(f.only("H1")) << f.last;
  f.found.clear();
  f.replicas[0].view.high_watermark = 7;
  f.look();
  EXPECT_EQ(f.found.count("H4"), 1U);
}

TEST(PartitionOracle, sees_a_replica_that_cuts_off_what_was_committed) {
  Fixture f;
  f.commit(0, 5);
  f.commit(0, 6);
  f.replicas[1].follow(2);
  f.replicas[1].truncate(1);
  f.look(1);
  EXPECT_TRUE(f.only("R8")) << f.last;
}

TEST(PartitionOracle, sees_two_leaders_of_one_epoch_and_a_leader_in_the_wrong_one) {
  Fixture f;
  f.replicas[0].append(1, 5);
  f.look();
  f.replicas[1].lead(1);
  f.look();
  f.replicas[1].append(1, 5);
  f.look();
  EXPECT_EQ(f.found.count("E1"), 1U);
  f.found.clear();
  f.replicas[0].append(9, 5);
  f.look();
  EXPECT_EQ(f.found.count("E5"), f.found.size());
  EXPECT_FALSE(f.found.empty());
}

TEST(PartitionOracle, sees_a_superseded_leader_commit_what_its_successor_lacks) {
  Fixture f;
  f.commit(0, 1);
  f.fail_over(1, 2, {0, 1, 2});
  f.isr = {0};
  f.rules.min_insync = 1;
  f.replicas[0].append(1, 5);
  f.replicas[0].view.high_watermark = 2;
  f.look(0);
  EXPECT_EQ(f.found.count("E2"), 1U) << f.last;
}

TEST(PartitionOracle, lets_a_leader_lose_what_it_committed_beside_a_successor_that_was_elected_uncleanly) {
  Fixture f;
  f.rules.min_insync = 1;
  f.rules.unclean = true;
  f.commit(0, 1);
  f.elect(0, 1, {0});
  f.fail_over(1, 2, {1});
  f.isr = {0};
  f.replicas[0].append(1, 5);
  f.replicas[0].view.high_watermark = 2;
  f.look(0);
  EXPECT_TRUE(f.found.empty()) << f.last;
  EXPECT_EQ(f.oracle.lost_from(), 1);
  f.replicas[0].view.leads = false;
  f.replicas[0].view.leader_epoch = 2;
  f.look(0);
  f.replicas[0].truncate(1);
  f.replicas[0].view.high_watermark = 1;
  f.look(0);
  EXPECT_TRUE(f.found.empty()) << f.last;
}

TEST(PartitionOracle, sees_epochs_that_fall) {
  Fixture f;
  f.replicas[1].follow(3);
  f.look();
  f.replicas[1].follow(2);
  f.look();
  EXPECT_TRUE(f.only("E6")) << f.last;
}

TEST(PartitionOracle, sees_a_batch_of_an_idempotent_producer_twice) {
  Fixture f;
  f.commit(0, 1, 42);
  f.commit(0, 2, 42);
  EXPECT_TRUE(f.only("P1")) << f.last;
}

TEST(PartitionOracle, sees_acknowledgements_and_reads_above_every_high_watermark) {
  Fixture f;
  f.commit(0, 1);
  f.oracle.acknowledged(0, 0);
  f.oracle.consumed(0);
  EXPECT_TRUE(f.found.empty());
  f.oracle.acknowledged(1, 3);
  f.oracle.consumed(1);
  EXPECT_EQ(f.found, (std::multiset<std::string>{"H3", "R2"}));
}

TEST(PartitionOracle, sees_who_answers_a_reader_of_another_epoch) {
  Fixture f;
  f.replicas[1].follow(3);
  f.look();
  f.oracle.served(1, 3, 3);
  f.oracle.served(1, 3, 2);  // It came to 3 meanwhile.
  f.oracle.served(1, 2, 2);  // Or it was still in 2 when it answered.
  f.oracle.served(1, 3, -1);
  EXPECT_TRUE(f.found.empty()) << f.last;
  f.oracle.served(1, 2, 3);
  EXPECT_TRUE(f.only("E8")) << f.last;
  f.found.clear();
  f.oracle.served(1, 4, 3);
  EXPECT_TRUE(f.only("E8")) << f.last;
}

TEST(PartitionOracle, sees_who_is_elected_without_holding_everything) {
  Fixture f;
  f.commit(0, 1);
  f.elect(0, 1, {0, 1});
  f.elect(2, 2, {2});
  EXPECT_TRUE(f.only("C7")) << f.last;
  f.found.clear();
  f.rules.unclean = true;
  f.elect(0, 3, {0});
  f.elect(2, 4, {2});
  EXPECT_TRUE(f.found.empty()) << f.last;
  EXPECT_EQ(f.oracle.unclean_elections(), 2U);
}

TEST(PartitionOracle, follows_a_log_that_goes_on_in_another_file_or_is_emptied) {
  Fixture f;
  f.commit(0, 1);
  Replica& leader = f.replicas[0];
  EXPECT_TRUE(leader.files.create(std::string(kDirectory) + "/00000000000000000001.log"));
  std::vector<std::byte> bytes(70);
  Replica::put<std::int64_t>(bytes, 0, 1);
  Replica::put<std::int32_t>(bytes, 8, 58);
  Replica::put<std::int32_t>(bytes, 12, 1);
  leader.files.write(**leader.files.find(std::string(kDirectory) + "/00000000000000000001.log"), 0, bytes);
  leader.view.log_end = 2;
  f.look(0);
  EXPECT_TRUE(f.found.empty()) << f.last;
  leader.view.log_end = 3;
  f.look(0);
  EXPECT_TRUE(f.only("R4")) << "there is no third";
}

}  // namespace
}  // namespace barnabas::sim
