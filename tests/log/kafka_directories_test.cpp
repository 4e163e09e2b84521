// Data directories that Apache Kafka 3.9.1 wrote (tests/log/data): stopped cleanly, killed, and killed with damaged
// tails; for the latter two also what Kafka's own recovery made of them.
#include <zlib.h>

#include <map>

#include "core/log/log_manager.hpp"
#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

using Files = std::map<std::string, std::string>;

std::string gunzip(const std::string& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  std::string chunk(1 << 16, '\0');
  for (int got = 0; (got = gzread(file, chunk.data(), static_cast<unsigned>(chunk.size()))) > 0;) {
    text.append(chunk, 0, static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

// The regular files of a tar archive (ustar), without the leading "./".
Files unpack(const std::string& name) {
  const std::string tar = gunzip(std::string(BARNABAS_LOG_TEST_DATA) + "/" + name);
  Files files;
  constexpr std::size_t kBlock = 512;
  for (std::size_t at = 0; at + kBlock <= tar.size() && tar[at] != '\0';) {
    std::string path(tar.c_str() + at);
    path = path.substr(0, 100);
    const std::size_t size = std::stoul(tar.substr(at + 124, 11), nullptr, 8);
    if (tar[at + 156] == '0') files[path.substr(path.starts_with("./") ? 2 : 0)] = tar.substr(at + kBlock, size);
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  EXPECT_FALSE(files.empty()) << name;
  return files;
}

class KafkaDirectory : public ::testing::Test {
 protected:
  KafkaDirectory() : world(3), node(&world.add_node("a")) {
    options.data_dir = "/kafka";
    options.broker_id = BrokerId(0);
    options.config_of = [](const std::string& topic) {
      LogConfig config;
      config.segment_index_bytes = 8192;
      // As the loader of these directories set them.
      config.index_interval_bytes = topic.starts_with("txn") || topic.starts_with("compacted") ? 256 : 512;
      config.cleanup_compact = topic.starts_with("compacted") || topic == "__consumer_offsets" ||
                               topic == "__transaction_state";
      return config;
    };
  }

  static Task<void> put(env::Env env, Files files) {
    for (const auto& [name, content] : files) {
      const std::string path = "/kafka/" + name;
      const std::string parent = path.substr(0, path.rfind('/'));
      (void)co_await env.disk.create_directories(parent);
      auto file = co_await env.disk.open(path, env::OpenMode::create_truncate);
      if (!file) continue;
      const ByteView parts[] = {as_bytes(content)};
      (void)co_await (*file)->write_at(0, parts);
    }
  }

  void start_on(const Files& files) {
    world.run(*node, put(node->env(), files));
    options.cluster_id = parse_meta_properties(files.at("meta.properties"))->cluster_id;
    start();
  }
  void start() {
    manager.reset();
    auto opened = world.run(*node, LogManager::open(node->env(), options));
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    manager = *std::move(opened);
  }
  void stop() {
    const auto stopped = world.run(*node, manager->stop());
    ASSERT_TRUE(stopped.has_value()) << stopped.error().to_string();
  }

  Files present() {
    Files files;
    for (const auto& [path, bytes] : node->disk().files().files()) {
      const auto content = bytes.contents();
      const std::size_t at = path.find("kafka/");
      if (at == std::string::npos) continue;
      files[path.substr(at + 6)] = std::string(reinterpret_cast<const char*>(content.data()), content.size());
    }
    return files;
  }

  // Kafka's snapshot holds the last batch of each producer; ours must say the same of that one.
  static void compare_snapshots(const std::string& name, const std::string& kafka, const std::string& ours) {
    const auto theirs = ProducerState::decode(as_bytes(kafka));
    const auto mine = ProducerState::decode(as_bytes(ours));
    ASSERT_TRUE(theirs.has_value() && mine.has_value()) << name;
    // Kafka drops producers that were silent for a day when it loads a snapshot; the records are years older.
    ASSERT_LE(theirs->size(), mine->size()) << name;
    for (const auto& [id, entry] : theirs->entries()) {
      const ProducerEntry* found = mine->find(id);
      ASSERT_NE(found, nullptr) << name;
      EXPECT_EQ(found->epoch, entry.epoch) << name;
      EXPECT_EQ(found->last_sequence(), entry.last_sequence()) << name << " producer " << id.value();
      EXPECT_EQ(found->last_offset(), entry.last_offset()) << name << " producer " << id.value();
      EXPECT_EQ(found->last_timestamp, entry.last_timestamp) << name << " producer " << id.value();
      EXPECT_EQ(found->coordinator_epoch, entry.coordinator_epoch) << name;
      EXPECT_EQ(found->transaction_start, entry.transaction_start) << name;
    }
  }

  // Every segment, index, epoch file and snapshot of a partition as Kafka left it, or means the same.
  void compare_with(const Files& expected) {
    const Files got = present();
    for (const auto& [name, content] : expected) {
      if (name.find('/') == std::string::npos || name.ends_with(".txnindex")) continue;
      const auto found = got.find(name);
      ASSERT_NE(found, got.end()) << name << " is missing";
      if (name.ends_with(".snapshot")) {
        compare_snapshots(name, content, found->second);
      } else if (!name.ends_with("leader-epoch-checkpoint") || !content.starts_with("0\n1\n0 0")) {
        EXPECT_TRUE(found->second == content)
            << name << ": " << found->second.size() << " bytes, Kafka has " << content.size();
      }
    }
    for (const auto& [name, content] : got) {
      if (name.find('/') == std::string::npos) continue;
      EXPECT_TRUE(expected.contains(name)) << name << " is not in Kafka's directory";
    }
  }

  sim::World world;
  sim::Node* node;
  LogManagerOptions options;
  std::unique_ptr<LogManager> manager;
};

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
  for (const char* name : {"recovery-point-offset-checkpoint", "replication-offset-checkpoint",
                           "log-start-offset-checkpoint"}) {
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
