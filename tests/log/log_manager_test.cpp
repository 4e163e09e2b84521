#include "core/log/log_manager.hpp"

#include <algorithm>

#include "core/async/gather.hpp"
#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

const std::string kDataDir = "/var/barnabas";
const TopicPartition kPayments{"pay-ments", PartitionId(12)};
const Uuid kTopicId = Uuid::from_random(1, 2);

class LogManagerTest : public ::testing::Test {
 protected:
  LogManagerTest() : world(11), node(&world.add_node("a")) {
    options.data_dirs = {kDataDir};
    options.broker_id = BrokerId(4);
    options.cluster_id = "Sy8MfynAT9WDfikzgE6rUQ";
  }

  template <class T>
  T run(Task<T> task) {
    return world.run(*node, std::move(task));
  }
  Result<void> start() {
    manager.reset();
    auto opened = run(LogManager::open(node->env(), options));
    if (!opened) return std::unexpected(opened.error());
    manager = *std::move(opened);
    return {};
  }
  PartitionLog* create(TopicPartition id) {
    const auto made = run(manager->create(std::move(id), kTopicId, config));
    EXPECT_TRUE(made.has_value()) << made.error().to_string();
    return made ? *made : nullptr;
  }
  void fill(PartitionLog& log, int batches) {
    for (int i = 0; i < batches; ++i) {
      ASSERT_TRUE(run(log.append(make_batch(log.log_end_offset(), 2))).has_value());
    }
  }
  void kill() {
    node->kill();
    manager.reset();
    node->restart();
  }
  void power_cut() {
    node->power_cut();
    manager.reset();
    node->restart();
  }
  // How many of the last lines of the trace have this in them.
  int logged(const std::string& part) {
    int count = 0;
    for (const std::string& line : world.trace().lines()) count += line.find(part) != std::string::npos ? 1 : 0;
    return count;
  }
  std::optional<std::string> text(const std::string& name, const std::string& data_dir = kDataDir) {
    const auto file = node->disk().files().find(data_dir + "/" + name);
    if (!file) return std::nullopt;
    const auto bytes = (*file)->cached.contents();
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  sim::World world;
  sim::Node* node;
  LogManagerOptions options;
  LogConfig config;
  std::unique_ptr<LogManager> manager;
};

TEST_F(LogManagerTest, clean_stop_leaves_kafkas_files_and_the_next_start_trusts_them) {
  ASSERT_TRUE(start().has_value());
  EXPECT_FALSE(manager->started_clean());
  PartitionLog* log = create(kPayments);
  fill(*log, 5);
  log->set_high_watermark(Offset(8));
  ASSERT_TRUE(run(manager->stop()).has_value());
  EXPECT_EQ(text(".kafka_cleanshutdown"), R"({"version":0,"brokerEpoch":-1})");
  EXPECT_EQ(text("recovery-point-offset-checkpoint"), "0\n1\npay-ments 12 10\n");
  EXPECT_EQ(text("replication-offset-checkpoint"), "0\n1\npay-ments 12 8\n");
  EXPECT_EQ(text("log-start-offset-checkpoint"), "0\n0\n");
  EXPECT_EQ(text("meta.properties"), "#\nbroker.id=4\nversion=0\ncluster.id=Sy8MfynAT9WDfikzgE6rUQ\n");
  EXPECT_EQ(text("pay-ments-12/partition.metadata"), "version: 0\ntopic_id: " + kTopicId.to_string());
  ASSERT_TRUE(start().has_value());
  EXPECT_TRUE(manager->started_clean());
  log = manager->find(kPayments);
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->log_end_offset(), Offset(10));
  EXPECT_EQ(log->high_watermark(), Offset(8));
  EXPECT_EQ(log->topic_id(), kTopicId);
}

TEST_F(LogManagerTest, everything_of_a_clean_stop_survives_a_power_cut) {
  for (std::uint64_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(start().has_value());
    PartitionLog* log = create(kPayments);
    EXPECT_EQ(log->log_end_offset(), Offset(static_cast<std::int64_t>(10 * i)));
    EXPECT_EQ(manager->started_clean(), i > 0);
    fill(*log, 5);
    ASSERT_TRUE(run(manager->stop()).has_value());
    power_cut();
  }
}

TEST_F(LogManagerTest, marker_is_gone_for_good_before_anything_is_appended) {
  ASSERT_TRUE(start().has_value());
  create(kPayments);
  ASSERT_TRUE(run(manager->stop()).has_value());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(start().has_value());
    EXPECT_EQ(manager->started_clean(), i == 0);
    fill(*manager->find(kPayments), 1);
    i % 2 == 0 ? power_cut() : kill();
  }
}

TEST_F(LogManagerTest, crash_at_any_moment_of_the_start_does_not_look_clean_later) {
  for (int steps = 1; steps < 400; steps += 7) {
    ASSERT_TRUE(start().has_value());
    fill(*create(kPayments), 1);
    const Offset end = manager->find(kPayments)->log_end_offset();
    ASSERT_TRUE(run(manager->stop()).has_value());
    manager.reset();
    // The start is cut short; what it did must be right for the next one.
    const auto open_only = [](env::Env env, LogManagerOptions o, std::unique_ptr<LogManager>& into) -> Task<void> {
      auto opened = co_await LogManager::open(env, std::move(o));
      if (opened) into = *std::move(opened);
    };
    node->restart();
    node->spawn_task(open_only(node->env(), options, manager));
    for (int i = 0; i < steps; ++i) world.step();
    power_cut();
    ASSERT_TRUE(start().has_value());
    EXPECT_EQ(manager->find(kPayments)->log_end_offset(), end);
    ASSERT_TRUE(run(manager->stop()).has_value());
  }
}

TEST_F(LogManagerTest, kill_loses_nothing) {
  ASSERT_TRUE(start().has_value());
  config.segment_bytes = 500;
  options.defaults = config;
  fill(*create(kPayments), 40);
  for (int i = 0; i < 3; ++i) {
    if (i == 1) ASSERT_TRUE(run(manager->checkpoint()).has_value());
    kill();
    ASSERT_TRUE(start().has_value());
    EXPECT_EQ(manager->find(kPayments)->log_end_offset(), Offset(80));
  }
}

TEST_F(LogManagerTest, created_log_survives_a_power_cut_at_once) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(start().has_value());
    TopicPartition id{"t" + std::to_string(i), PartitionId(0)};
    create(id);
    power_cut();
    ASSERT_TRUE(start().has_value());
    ASSERT_NE(manager->find(id), nullptr);
    EXPECT_EQ(manager->find(id)->topic_id(), kTopicId);
    kill();
  }
}

TEST_F(LogManagerTest, removed_log_does_not_come_back) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(start().has_value());
    fill(*create(kPayments), 3);
    ASSERT_TRUE(run(manager->checkpoint()).has_value());
    ASSERT_TRUE(run(manager->remove(kPayments)).has_value());
    EXPECT_EQ(manager->find(kPayments), nullptr);
    EXPECT_EQ(text("recovery-point-offset-checkpoint"), "0\n0\n");
    ASSERT_TRUE(run(manager->remove(kPayments)).has_value());
    power_cut();
    ASSERT_TRUE(start().has_value());
    EXPECT_EQ(manager->find(kPayments), nullptr);
    for (const std::string& name : run(node->env().disk.list(kDataDir)).value()) {
      EXPECT_FALSE(name.ends_with("-delete")) << name;
    }
    EXPECT_EQ(create(kPayments)->log_end_offset(), Offset(0));
    ASSERT_TRUE(run(manager->remove(kPayments)).has_value());
    kill();
  }
}

TEST_F(LogManagerTest, removed_logs_files_stay_for_the_delay) {
  ASSERT_TRUE(start().has_value());
  config.file_delete_delay_ms = 2000;
  fill(*create(kPayments), 3);
  ASSERT_TRUE(run(manager->remove(kPayments)).has_value());
  const auto doomed = [&] {
    const auto names = run(node->env().disk.list(kDataDir)).value();
    return std::ranges::any_of(names, [](const std::string& name) { return name.ends_with("-delete"); });
  };
  EXPECT_TRUE(doomed());
  fill(*create(kPayments), 1);
  world.run_for(3s);
  EXPECT_FALSE(doomed());
  EXPECT_EQ(manager->find(kPayments)->log_end_offset(), Offset(2));
}

TEST_F(LogManagerTest, log_is_removed_from_a_full_disk_and_its_name_can_be_used_again) {
  ASSERT_TRUE(start().has_value());
  config.file_delete_delay_ms = 1000;
  fill(*create(kPayments), 30);
  ASSERT_TRUE(run(manager->find(kPayments)->flush()).has_value());
  ASSERT_TRUE(run(manager->checkpoint()).has_value());
  EXPECT_EQ(text("recovery-point-offset-checkpoint"), "0\n1\npay-ments 12 60\n");
  node->disk().faults().capacity = node->disk().files().allocated();
  const auto removed = run(manager->remove(kPayments));
  EXPECT_TRUE(removed.has_value()) << removed.error().to_string();
  EXPECT_EQ(manager->find(kPayments), nullptr);
  // The old checkpoint still says 60, which a new log must not inherit.
  EXPECT_EQ(run(manager->create(kPayments, kTopicId, config)).error().code, Errc::no_space);
  world.run_for(2s);
  fill(*create(kPayments), 1);
  EXPECT_EQ(text("recovery-point-offset-checkpoint"), "0\n0\n");
}

TEST_F(LogManagerTest, log_is_removed_while_a_sync_is_under_way) {
  ASSERT_TRUE(start().has_value());
  PartitionLog* log = create(kPayments);
  fill(*log, 3);
  const auto flush = [](PartitionLog& of) -> Task<void> { (void)co_await of.flush(); };
  {
    Scope scope(node->env().executor);
    scope.spawn(flush(*log));
    for (int i = 0; i < 3; ++i) world.step();
  }
  ASSERT_TRUE(run(manager->remove(kPayments)).has_value());
  world.run_for(1s);
}

TEST_F(LogManagerTest, other_topic_id_is_refused) {
  ASSERT_TRUE(start().has_value());
  create(kPayments);
  const auto other = run(manager->create(kPayments, Uuid::from_random(3, 4), config));
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, Errc::storage_failed);  // Not the client's fault.
  EXPECT_NE(other.error().message.find("move that directory away"), std::string::npos) << other.error().message;
  (void)run(manager->create(kPayments, Uuid::from_random(3, 4), config));
  EXPECT_EQ(logged("holds topic id"), 1);
}

TEST_F(LogManagerTest, full_disk_fails_a_creation_and_nothing_else) {
  ASSERT_TRUE(start().has_value());
  PartitionLog* log = create(kPayments);
  fill(*log, 1);
  const TopicPartition late{"late", PartitionId(0)};
  node->disk().faults().capacity = node->disk().files().allocated();
  const auto refused = run(manager->create(late, kTopicId, config));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::no_space) << refused.error().to_string();
  EXPECT_FALSE(manager->failed());
  EXPECT_EQ(manager->find(late), nullptr);
  EXPECT_FALSE(run(node->env().disk.exists(kDataDir + "/late-0")).value());
  EXPECT_EQ(logged("log.dirs=" + kDataDir + " has no room"), 1);
  node->disk().faults().capacity = 1ULL << 40;
  fill(*log, 1);
  fill(*create(late), 1);
  power_cut();
  ASSERT_TRUE(start().has_value());
  ASSERT_NE(manager->find(late), nullptr);
  EXPECT_EQ(manager->find(late)->topic_id(), kTopicId);
}

TEST_F(LogManagerTest, full_disk_at_a_new_leader_epoch_is_made_up_for_before_the_next_append) {
  ASSERT_TRUE(start().has_value());
  PartitionLog* log = create(kPayments);
  node->disk().faults().capacity = node->disk().files().allocated();
  EXPECT_EQ(run(log->assign_leader_epoch(LeaderEpoch(0))).error().code, Errc::no_space);
  EXPECT_FALSE(manager->failed());
  node->disk().faults().capacity = 1ULL << 40;
  fill(*log, 1);
  EXPECT_EQ(text("pay-ments-12/leader-epoch-checkpoint"), "0\n1\n0 0\n");
}

TEST_F(LogManagerTest, full_disk_is_warned_of_now_and_then) {
  ASSERT_TRUE(start().has_value());
  PartitionLog* log = create(kPayments);
  fill(*log, 1);
  node->disk().faults().capacity = node->disk().files().allocated();
  const auto refuse = [&] {
    EXPECT_EQ(run(log->append(make_batch(log->log_end_offset(), 1, 1000, 20'000))).error().code, Errc::no_space);
  };
  for (int i = 0; i < 5; ++i) refuse();
  EXPECT_EQ(logged("log.dirs=" + kDataDir + " has no room"), 1);
  world.run_for(11s);
  for (int i = 0; i < 5; ++i) refuse();
  EXPECT_EQ(logged("log.dirs=" + kDataDir + " has no room"), 2);
}

TEST_F(LogManagerTest, second_process_is_kept_out) {
  ASSERT_TRUE(start().has_value());
  const auto lock = run(node->env().disk.lock(kDataDir + "/.lock"));
  EXPECT_EQ(lock.error().code, Errc::locked);
  ASSERT_TRUE(run(manager->stop()).has_value());
  ASSERT_TRUE(start().has_value());
}

TEST_F(LogManagerTest, another_brokers_or_clusters_directory_is_refused_with_a_remedy) {
  ASSERT_TRUE(start().has_value());
  ASSERT_TRUE(run(manager->stop()).has_value());
  options.broker_id = BrokerId(5);
  const auto other_broker = start();
  ASSERT_FALSE(other_broker.has_value());
  EXPECT_EQ(other_broker.error().code, Errc::invalid_argument);
  EXPECT_NE(other_broker.error().message.find("broker.id=4"), std::string::npos) << other_broker.error().message;
  EXPECT_NE(other_broker.error().message.find("log.dirs"), std::string::npos);
  options.broker_id = BrokerId(4);
  options.cluster_id = "AAAAAAAAAAAAAAAAAAAAAA";
  const auto other_cluster = start();
  ASSERT_FALSE(other_cluster.has_value());
  EXPECT_NE(other_cluster.error().message.find("zookeeper.connect"), std::string::npos);
  options.cluster_id = "Sy8MfynAT9WDfikzgE6rUQ";
  ASSERT_TRUE(start().has_value());
  EXPECT_TRUE(manager->started_clean());  // The refusals have touched nothing.
}

TEST_F(LogManagerTest, directory_of_kraft_mode_is_refused) {
  const auto parsed = parse_meta_properties("version=1\nnode.id=1\ncluster.id=x\n");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, Errc::unsupported);
}

TEST_F(LogManagerTest, log_start_is_kept_by_the_checkpoint) {
  ASSERT_TRUE(start().has_value());
  PartitionLog* log = create(kPayments);
  fill(*log, 5);
  log->set_high_watermark(Offset(10));
  ASSERT_TRUE(run(log->advance_log_start(Offset(3))).has_value());
  ASSERT_TRUE(run(manager->checkpoint()).has_value());
  EXPECT_EQ(text("log-start-offset-checkpoint"), "0\n1\npay-ments 12 3\n");
  kill();
  ASSERT_TRUE(start().has_value());
  EXPECT_EQ(manager->find(kPayments)->log_start_offset(), Offset(3));
}

TEST_F(LogManagerTest, failed_directory_is_not_stopped_clean) {
  ASSERT_TRUE(start().has_value());
  PartitionLog* log = create(kPayments);
  fill(*log, 1);
  node->disk().fail_syncs(".log", 1);
  EXPECT_EQ(run(manager->stop()).error().code, Errc::storage_failed);
  EXPECT_TRUE(manager->failed());
  EXPECT_EQ(logged("log.dirs=" + kDataDir + " takes no more appends"), 1);
  EXPECT_EQ(text(".kafka_cleanshutdown"), std::nullopt);
  EXPECT_EQ(run(manager->checkpoint()).error().code, Errc::storage_failed);
}

TEST_F(LogManagerTest, torn_checkpoint_is_ignored) {
  ASSERT_TRUE(start().has_value());
  fill(*create(kPayments), 5);
  ASSERT_TRUE(run(manager->stop()).has_value());
  const auto file = node->disk().files().find(kDataDir + "/recovery-point-offset-checkpoint").value();
  file->cached.resize(3);
  ASSERT_TRUE(start().has_value());
  EXPECT_EQ(manager->find(kPayments)->log_end_offset(), Offset(10));
}

const std::string kOtherDir = "/mnt/second";

class ManyDirectories : public LogManagerTest {
 protected:
  ManyDirectories() {
    options.data_dirs = {kDataDir, kOtherDir};
    options.existed = [this](const TopicPartition& id, const Uuid&) { return known.contains(id); };
  }
  // The directory that holds the log.
  std::string home_of(const TopicPartition& id) {
    const std::string& directory = manager->find(id)->directory();
    return directory.substr(0, directory.rfind('/'));
  }
  std::set<TopicPartition> known;
};

TEST_F(ManyDirectories, logs_are_spread_and_found_again) {
  ASSERT_TRUE(start().has_value());
  std::map<std::string, int> count;
  for (int i = 0; i < 6; ++i) {
    const TopicPartition id{"t", PartitionId(i)};
    fill(*create(id), 2);
    ++count[home_of(id)];
  }
  EXPECT_EQ(count[kDataDir], 3);
  EXPECT_EQ(count[kOtherDir], 3);
  ASSERT_TRUE(run(manager->stop()).has_value());
  EXPECT_TRUE(text(".kafka_cleanshutdown").has_value());
  EXPECT_TRUE(text(".kafka_cleanshutdown", kOtherDir).has_value());
  ASSERT_TRUE(start().has_value());
  EXPECT_TRUE(manager->started_clean());
  EXPECT_EQ(manager->all().size(), 6u);
  for (int i = 0; i < 6; ++i) {
    PartitionLog* log = manager->find({"t", PartitionId(i)});
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(log->log_end_offset(), Offset(4));
    ASSERT_TRUE(run(manager->remove({"t", PartitionId(i)})).has_value());
  }
  EXPECT_TRUE(manager->all().empty());
}

TEST_F(ManyDirectories, logs_made_at_the_same_time_are_spread_too) {
  ASSERT_TRUE(start().has_value());
  std::vector<Task<Result<void>>> making;
  const auto make = [](LogManager& logs, TopicPartition id) -> Task<Result<void>> {
    B_CO_TRY_VOID(co_await logs.create(std::move(id), kTopicId, LogConfig{}));
    co_return Result<void>{};
  };
  for (int i = 0; i < 6; ++i) making.push_back(make(*manager, {"t", PartitionId(i)}));
  ASSERT_TRUE(run(gather(node->env().executor, std::move(making), 6)).has_value());
  int here = 0;
  for (int i = 0; i < 6; ++i) here += home_of({"t", PartitionId(i)}) == kDataDir ? 1 : 0;
  EXPECT_EQ(here, 3);
}

TEST_F(ManyDirectories, failed_directory_takes_only_its_own_logs_out_of_service) {
  ASSERT_TRUE(start().has_value());
  const TopicPartition one{"t", PartitionId(0)};
  const TopicPartition two{"t", PartitionId(1)};
  fill(*create(one), 1);
  fill(*create(two), 1);
  node->disk().fail_syncs("t-0/00000000000000000000.log", 1);
  EXPECT_EQ(run(manager->find(one)->flush()).error().code, Errc::storage_failed);
  EXPECT_FALSE(manager->failed());
  const auto refused = run(manager->find(one)->append(make_batch(Offset(2), 2)));
  EXPECT_EQ(refused.error().code, Errc::storage_failed);
  EXPECT_EQ(run(manager->find(one)->read(Offset(0), 1000, Offset(2), true))->size, make_batch(Offset(0), 2).size());
  fill(*manager->find(two), 1);
  EXPECT_EQ(home_of(two), home_of({"t", PartitionId(1)}));
  create({"t", PartitionId(2)});
  EXPECT_EQ(home_of({"t", PartitionId(2)}), home_of(two));
  EXPECT_EQ(run(manager->remove(one)).error().code, Errc::storage_failed);
  ASSERT_TRUE(run(manager->stop()).has_value());
  const bool first_failed = manager->directories()[0].failed;
  EXPECT_NE(manager->directories()[1].failed, first_failed);
  EXPECT_EQ(text(".kafka_cleanshutdown", kDataDir).has_value(), !first_failed);
  EXPECT_EQ(text(".kafka_cleanshutdown", kOtherDir).has_value(), first_failed);
  ASSERT_TRUE(start().has_value());
  EXPECT_FALSE(manager->started_clean());
  EXPECT_EQ(manager->find(two)->log_end_offset(), Offset(4));
}

// Kafka does the same: the log may be in the directory that cannot be opened, and would be lost twice.
TEST_F(ManyDirectories, partition_that_may_be_in_an_unopened_directory_is_not_made_anew) {
  ASSERT_TRUE(start().has_value());
  const TopicPartition one{"t", PartitionId(0)};
  const TopicPartition two{"t", PartitionId(1)};
  fill(*create(one), 1);
  fill(*create(two), 1);
  ASSERT_EQ(home_of(two), kOtherDir);
  ASSERT_TRUE(run(manager->stop()).has_value());
  known = {one, two};
  const auto meta = node->disk().files().find(kOtherDir + "/meta.properties").value();
  const auto whole = text("meta.properties", kOtherDir).value();
  meta->cached.resize(3);
  ASSERT_TRUE(start().has_value());
  EXPECT_EQ(logged("in this directory are offline"), 1);
  EXPECT_NE(manager->find(one), nullptr);
  EXPECT_EQ(run(manager->create(two, kTopicId, config)).error().code, Errc::storage_failed);
  EXPECT_EQ(run(manager->remove(two)).error().code, Errc::storage_failed);
  create({"new", PartitionId(0)});
  EXPECT_TRUE(manager->directories()[1].failed);
  EXPECT_FALSE(manager->directories()[1].failure.empty());
  ASSERT_TRUE(run(manager->checkpoint()).has_value());
}

TEST_F(ManyDirectories, same_partition_in_two_directories_is_refused) {
  options.data_dirs = {kDataDir};
  ASSERT_TRUE(start().has_value());
  fill(*create(kPayments), 1);
  ASSERT_TRUE(run(manager->stop()).has_value());
  options.data_dirs = {kOtherDir};
  ASSERT_TRUE(start().has_value());
  fill(*create(kPayments), 1);
  ASSERT_TRUE(run(manager->stop()).has_value());
  options.data_dirs = {kDataDir, kOtherDir};
  const auto refused = start();
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("is in both"), std::string::npos) << refused.error().message;
}

TEST(PartitionDirectory, names_are_topic_dash_partition) {
  const auto id = parse_offset_checkpoint("0\n1\na-1 2 3\n", "x");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->begin()->first.to_string(), "a-1-2");
  for (const char* bad : {"0\n1\na 2\n", "0\n1\na x 3\n", "0\n1\na 2 -3\n", "0\n2\na 2 3\n", "1\n0\n", "0\n"}) {
    EXPECT_FALSE(parse_offset_checkpoint(bad, "x").has_value()) << bad;
  }
}

}  // namespace
}  // namespace barnabas::log
