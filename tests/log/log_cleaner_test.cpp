// Compaction as a broker runs it: what is chosen, what is remembered, what happens when the disk or a batch is bad.
#include "core/log/cleaner/log_cleaner.hpp"

#include <algorithm>

#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

const std::string kDataDir = "/var/barnabas";
const Uuid kTopicId = Uuid::from_random(1, 2);

Buffer keyed_batch(Offset base, int key, std::size_t value_size = 100) {
  record::BatchOptions options;
  options.base_offset = base;
  options.leader_epoch = LeaderEpoch(0);
  record::BatchBuilder builder(options);
  const std::string name = "k" + std::to_string(key);
  const std::string value(value_size, 'v');
  builder.append(Timestamp(1000 + base.value()), as_bytes(name), as_bytes(value));
  return builder.build();
}

class LogCleanerTest : public ::testing::Test {
 protected:
  LogCleanerTest() : world(5), node(&world.add_node("a")) {
    manager_options.data_dirs = {kDataDir};
    manager_options.broker_id = BrokerId(1);
    manager_options.cluster_id = "Sy8MfynAT9WDfikzgE6rUQ";
    config.cleanup_compact = true;
    config.cleanup_delete = false;
    config.segment_bytes = 1000;
    manager_options.config_of = [this](const std::string&) { return config; };
    start();
  }
  template <class T>
  T run(Task<T> task) {
    return world.run(*node, std::move(task));
  }
  void start() {
    cleaner.reset();
    manager.reset();
    manager = run(LogManager::open(node->env(), manager_options)).value();
    cleaner = std::make_unique<LogCleaner>(node->env(), *manager, options);
  }
  // A log of `batches` batches, whose keys come again after `keys` of them, all of it committed.
  PartitionLog& filled(const std::string& topic, int batches, int keys) {
    const TopicPartition id{topic, PartitionId(0)};
    PartitionLog* log = run(manager->create(id, kTopicId, config)).value();
    for (int i = 0; i < batches; ++i) {
      EXPECT_TRUE(run(log->append(keyed_batch(log->log_end_offset(), i % keys))).has_value());
    }
    EXPECT_TRUE(run(log->flush()).has_value());
    log->set_high_watermark(log->log_end_offset());
    return *log;
  }
  std::vector<std::string> names(const PartitionLog& log) {
    return run(node->env().disk.list(log.directory())).value();
  }
  bool has_suffix(const PartitionLog& log, std::string_view suffix) {
    const auto all = names(log);
    return std::ranges::any_of(all, [&](const std::string& name) { return name.ends_with(suffix); });
  }

  sim::World world;
  sim::Node* node;
  LogManagerOptions manager_options;
  LogConfig config;
  LogCleanerOptions options;
  std::unique_ptr<LogManager> manager;
  std::unique_ptr<LogCleaner> cleaner;
};

TEST_F(LogCleanerTest, compacts_the_dirtiest_log_first_and_remembers_how_far) {
  PartitionLog& first = filled("first", 40, 3);
  EXPECT_TRUE(run(cleaner->clean_dirtiest()));
  const Offset first_to = cleaner->cleaned_to(first.id()).value();
  EXPECT_EQ(first_to, first.active_base());
  EXPECT_FALSE(run(cleaner->clean_dirtiest()));

  for (int i = 0; i < 20; ++i) ASSERT_TRUE(run(first.append(keyed_batch(first.log_end_offset(), i % 3))).has_value());
  ASSERT_TRUE(run(first.flush()).has_value());
  first.set_high_watermark(first.log_end_offset());
  PartitionLog& second = filled("second", 40, 3);
  EXPECT_TRUE(run(cleaner->clean_dirtiest()));
  EXPECT_EQ(cleaner->cleaned_to(second.id()), second.active_base());
  EXPECT_EQ(cleaner->cleaned_to(first.id()), first_to);

  const TopicPartition id = second.id();
  const Offset second_to = second.active_base();
  ASSERT_TRUE(run(manager->stop()).has_value());
  node->restart();
  start();
  (void)run(cleaner->clean_dirtiest());
  EXPECT_EQ(cleaner->cleaned_to(id), second_to);
}

TEST_F(LogCleanerTest, leaves_a_log_alone_whose_dirty_part_is_small) {
  config.min_cleanable_ratio = 0.99;
  PartitionLog& log = filled("orders", 40, 3);
  EXPECT_TRUE(run(cleaner->clean_dirtiest()));  // All of it is dirty.
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(run(log.append(keyed_batch(log.log_end_offset(), i % 3))).has_value());
  ASSERT_TRUE(run(log.flush()).has_value());
  log.set_high_watermark(log.log_end_offset());
  EXPECT_FALSE(run(cleaner->clean_dirtiest()));
}

TEST_F(LogCleanerTest, touches_nothing_at_or_above_the_high_watermark) {
  PartitionLog& log = filled("orders", 40, 3);
  log.set_high_watermark(Offset(10));
  const auto before = log.closed_segments();
  EXPECT_TRUE(run(cleaner->clean_dirtiest()));
  const auto after = log.closed_segments();
  EXPECT_LE(cleaner->cleaned_to(log.id()).value(), Offset(10));
  for (const auto& segment : before) {
    if (segment->base() < Offset(10) && segment != before.back()) continue;
    EXPECT_NE(std::ranges::find(after, segment), after.end());
  }
}

TEST_F(LogCleanerTest, leaves_a_damaged_log_as_it_is) {
  PartitionLog& log = filled("orders", 40, 3);
  const auto segments = log.closed_segments();
  const std::string path = segments[1]->path(".log");
  const auto inode = node->disk().files().find(path).value();
  const std::byte wrong[] = {std::byte{0x5a}, std::byte{0x5a}};
  node->disk().files().write(*inode, 150, wrong);
  EXPECT_FALSE(run(cleaner->clean_dirtiest()));
  EXPECT_TRUE(cleaner->uncleanable().contains(log.id()));
  EXPECT_EQ(log.closed_segments(), segments);
  EXPECT_FALSE(has_suffix(log, ".cleaned"));
  EXPECT_FALSE(log.failed());
}

TEST_F(LogCleanerTest, gives_up_on_a_full_disk_and_goes_on_when_there_is_room) {
  config.file_delete_delay_ms = 0;
  PartitionLog& log = filled("orders", 200, 150);
  // Not for the checkpoints, which take the place of others.
  ASSERT_TRUE(run(manager->checkpoint()).has_value());
  const std::uint64_t used = node->disk().files().allocated();
  node->disk().faults().capacity = used + 4096;
  EXPECT_FALSE(run(cleaner->clean_dirtiest()));
  EXPECT_FALSE(log.failed());
  EXPECT_FALSE(has_suffix(log, ".cleaned"));
  world.run_for(1s);  // What was replaced before the disk was full goes.
  EXPECT_TRUE(run(log.append(keyed_batch(log.log_end_offset(), 0, 10))).has_value());
  node->disk().faults().capacity = 1ULL << 40;
  EXPECT_TRUE(run(cleaner->clean_dirtiest()));
}

TEST_F(LogCleanerTest, a_log_can_be_removed_while_a_slow_pass_is_under_way) {
  options.max_bytes_per_second = 10;
  options.backoff = 1ms;
  start();
  const TopicPartition id = filled("orders", 40, 3).id();
  cleaner->start();
  world.run_for(5s);
  EXPECT_FALSE(cleaner->cleaned_to(id).has_value());
  const Instant before = world.now();
  EXPECT_TRUE(run(manager->remove(id)).has_value());
  EXPECT_LT(world.now() - before, 2s);
  world.run_for(5s);
  EXPECT_EQ(manager->find(id), nullptr);
}

// Consumers are given nothing for a segment of which only the end is left; of librdkafka, ten such answers in a row are
// an error.
TEST_F(LogCleanerTest, segments_that_are_wholly_superseded_leave_none_behind) {
  PartitionLog& log = filled("t", 200, 2);
  ASSERT_GT(log.segment_count(), 20u);
  EXPECT_TRUE(run(cleaner->clean_dirtiest()));
  EXPECT_LE(log.segment_count(), 3u);
}

}  // namespace
}  // namespace barnabas::log
