// Data directories that Apache Kafka 3.9.1 wrote (tests/log/data): stopped cleanly, killed, and killed with damaged
// tails; for the latter two also what Kafka's own recovery made of them.
#include "tests/log/kafka_directory.hpp"

namespace barnabas::log {
namespace {

TEST_F(KafkaDirectory, clean_one_is_opened_as_it_is) {
  const Files files = unpack("clean.tar.gz");
  start_on(files);
  EXPECT_TRUE(manager->started_clean());
  const auto ends = parse_offset_checkpoint(files.at("recovery-point-offset-checkpoint"), "").value();
  const auto marks = parse_offset_checkpoint(files.at("replication-offset-checkpoint"), "").value();
  EXPECT_EQ(manager->all().size(), ends.size());
  for (const auto& [id, end] : ends) {
    PartitionLog* log = manager->find(id);
    ASSERT_NE(log, nullptr) << id.to_string();
    EXPECT_EQ(log->log_end_offset(), end) << id.to_string();
    EXPECT_EQ(log->high_watermark(), marks.at(id));
    EXPECT_EQ(log->log_start_offset(), id.topic == "head-deleted" ? Offset(93) : Offset(0));
    EXPECT_FALSE(log->topic_id().is_zero());
  }
}

TEST_F(KafkaDirectory, clean_one_is_stopped_again_as_kafka_left_it) {
  const Files files = unpack("clean.tar.gz");
  start_on(files);
  stop();
  compare_with(files);
  const Files got = present();
  for (const char* name :
       {"recovery-point-offset-checkpoint", "replication-offset-checkpoint", "log-start-offset-checkpoint"}) {
    EXPECT_EQ(parse_offset_checkpoint(got.at(name), name).value(),
              parse_offset_checkpoint(files.at(name), name).value())
        << name;
  }
  for (const char* name : {".kafka_cleanshutdown", "meta.properties", "cleaner-offset-checkpoint"}) {
    EXPECT_EQ(got.at(name), files.at(name)) << name;
  }
}

// Indexes and producer state computed from the batches alone come to the bytes that Kafka wrote while appending.
TEST_F(KafkaDirectory, clean_one_without_anything_derived_is_rebuilt_to_the_same) {
  const Files files = unpack("clean.tar.gz");
  Files bare;
  for (const auto& [name, content] : files) {
    const bool derived = name.ends_with("index") || name.ends_with(".snapshot") || name == ".kafka_cleanshutdown" ||
                         name == "recovery-point-offset-checkpoint" || name.ends_with("leader-epoch-checkpoint");
    if (!derived) bare[name] = content;
  }
  start_on(bare);
  EXPECT_FALSE(manager->started_clean());
  stop();
  const Files got = present();
  for (const auto& [name, content] : files) {
    // The cleaner writes a segment in larger pieces, and so its index entries lie elsewhere.
    if (name.starts_with("compacted") || name.starts_with("__")) continue;
    if (name.ends_with(".index") || name.ends_with(".timeindex")) {
      EXPECT_TRUE(got.at(name) == content) << name << ": " << got.at(name).size() << ", Kafka " << content.size();
    } else if (name.ends_with(".snapshot") && got.contains(name)) {
      compare_snapshots(name, content, got.at(name));
    }
  }
}

TEST_F(KafkaDirectory, killed_one_is_recovered_as_kafka_does) {
  start_on(unpack("killed.tar.gz"));
  EXPECT_FALSE(manager->started_clean());
  stop();
  const Files expected = unpack("killed-after.tar.gz");
  const Files got = present();
  for (const auto& [name, content] : expected) {
    if (!name.ends_with(".log") || name.starts_with("__")) continue;
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_TRUE(got.at(name) == content) << name;
  }
}

TEST_F(KafkaDirectory, torn_tails_are_cut_where_kafka_cuts_them) {
  start_on(unpack("torn.tar.gz"));
  stop();
  const Files expected = unpack("torn-after.tar.gz");
  const Files got = present();
  int compared = 0;
  for (const auto& [name, content] : expected) {
    // Kafka appends to its internal topics once it runs.
    if (name.starts_with("__") || name.find('/') == std::string::npos) continue;
    if (name.ends_with(".log") || name.ends_with(".index") || name.ends_with(".timeindex")) {
      ASSERT_TRUE(got.contains(name)) << name;
      EXPECT_TRUE(got.at(name) == content) << name << ": " << got.at(name).size() << ", Kafka " << content.size();
      ++compared;
    } else if (name.ends_with(".snapshot") && got.contains(name)) {
      compare_snapshots(name, content, got.at(name));
    }
  }
  EXPECT_GT(compared, 50);
}

}  // namespace
}  // namespace barnabas::log
