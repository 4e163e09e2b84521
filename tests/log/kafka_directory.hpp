// A data directory that Apache Kafka 3.9.1 wrote (tests/log/data), on a simulated machine.
#pragma once

#include <map>

#include "core/log/log_manager.hpp"
#include "tests/log/support.hpp"

namespace barnabas::log {

using Files = std::map<std::string, std::string>;

// The text in a file of tests/log/data.
std::string gunzip(const std::string& name);
// The regular files of an archive there (ustar), without the leading "./".
Files unpack(const std::string& name);

class KafkaDirectory : public ::testing::Test {
 protected:
  KafkaDirectory() : world(3), node(&world.add_node("a")) {
    options.data_dirs = {"/kafka"};
    options.broker_id = BrokerId(0);
    options.config_of = [](const std::string& topic) {
      LogConfig config;
      config.segment_index_bytes = 8192;
      // As the loader of these directories set them.
      config.index_interval_bytes = topic.starts_with("txn") || topic.starts_with("compacted") ? 256 : 512;
      config.cleanup_compact =
          topic.starts_with("compacted") || topic == "__consumer_offsets" || topic == "__transaction_state";
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
      if (name.find('/') == std::string::npos) continue;
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

}  // namespace barnabas::log
