// What Java clients saw of these directories when Apache Kafka served them, asked of our logs: offsets, timestamps,
// every record, and what a reader of committed records gets.
#include <nlohmann/json.hpp>
#include <set>

#include "core/record/compression.hpp"
#include "core/record/record_reader.hpp"
#include "tests/log/kafka_directory.hpp"

namespace barnabas::log {
namespace {

using Json = nlohmann::json;

std::string hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[static_cast<unsigned>(byte) >> 4];
    text += kDigits[static_cast<unsigned>(byte) & 15];
  }
  return text;
}

Json optional_hex(const std::optional<ByteView>& bytes) { return bytes ? Json(hex(*bytes)) : Json(nullptr); }

Json describe(const record::BatchHeader& header, const record::RecordView& record) {
  Json headers = Json::array();
  for (const record::Header& one : record.headers) {
    headers.push_back({std::string(one.key), optional_hex(one.value)});
  }
  const bool appended = header.timestamp_type() == record::TimestampType::log_append_time;
  return Json::array({record.offset.value(), record.timestamp.value(), appended ? "LogAppendTime" : "CreateTime",
                      optional_hex(record.key), optional_hex(record.value), headers, header.leader_epoch.value()});
}

// What a consumer does with the list of aborted transactions (KIP-98).
class CommittedFilter {
 public:
  explicit CommittedFilter(std::vector<AbortedTransaction> aborted) : aborted_(std::move(aborted)) {}

  bool shows(const record::BatchHeader& header, ByteView batch) {
    for (const AbortedTransaction& transaction : aborted_) {
      const bool begun = transaction.first_offset <= header.last_offset();
      if (begun && seen_.insert(transaction.last_offset).second) current_.insert(transaction.producer_id);
    }
    if (header.is_control()) {
      const auto marker = read_marker(batch);
      if (marker && *marker && !(*marker)->committed) current_.erase(header.producer_id);
      return false;
    }
    return !header.is_transactional() || !current_.contains(header.producer_id);
  }

 private:
  std::vector<AbortedTransaction> aborted_;
  std::set<Offset> seen_;
  std::set<ProducerId> current_;
};

class KafkaView : public KafkaDirectory {
 protected:
  Json records(PartitionLog& log, Offset end, CommittedFilter* filter) {
    Json result = Json::array();
    const auto bytes = run(read_all(log, log.log_start_offset(), 1 << 20));
    EXPECT_TRUE(bytes.has_value());
    const auto walked =
        record::for_each_batch(*bytes, [&](const record::BatchHeader& header, ByteView batch) -> Result<void> {
          if (header.base_offset >= end) return {};
          if (filter != nullptr ? !filter->shows(header, batch) : header.is_control()) return {};
          return record::for_each_record(batch, [&](const record::RecordView& record) {
            if (record.offset >= log.log_start_offset()) result.push_back(describe(header, record));
          });
        });
    EXPECT_TRUE(walked.has_value());
    return result;
  }

  bool begins_with_empty_segment(PartitionLog& log) {
    const auto times = run(log.segment_times());
    return times.has_value() && times->size() > 1 && times->front().largest == kNoTimestamp;
  }

  void compare_timestamps(PartitionLog& log, const Json& expected, const std::string& name) {
    const auto largest = run(log.find_max_timestamp());
    ASSERT_TRUE(largest.has_value());
    EXPECT_EQ(*largest ? (*largest)->offset.value() : -1, expected.at("maxTimestampOffset").get<std::int64_t>())
        << name;
    EXPECT_EQ(*largest ? (*largest)->timestamp.value() : -1, expected.at("maxTimestamp").get<std::int64_t>()) << name;
    for (const auto& [timestamp, offset] : expected.at("offsetForTimestamp").items()) {
      const auto found = run(log.find_timestamp(Timestamp(std::stoll(timestamp))));
      ASSERT_TRUE(found.has_value());
      const std::int64_t got = *found ? (*found)->offset.value() : -1;
      // For Kafka the largest timestamp of a segment that compaction has emptied is the time at which its file was
      // written; it looks for the record there, and nowhere else (tools/test-zookeeper --only timestamps shows it).
      if (offset.get<std::int64_t>() == -1 && begins_with_empty_segment(log)) continue;
      EXPECT_EQ(got, offset.get<std::int64_t>()) << name << " at " << timestamp;
    }
  }

  void compare_partition(PartitionLog& log, const Json& expected, const std::string& name) {
    log.set_high_watermark(log.log_end_offset());  // As the only replica.
    EXPECT_EQ(log.log_start_offset().value(), expected.at("earliest").get<std::int64_t>()) << name;
    EXPECT_EQ(log.log_end_offset().value(), expected.at("latest").get<std::int64_t>()) << name;
    EXPECT_EQ(log.last_stable_offset().value(), expected.at("latestReadCommitted").get<std::int64_t>()) << name;
    compare_timestamps(log, expected, name);
    EXPECT_EQ(records(log, log.log_end_offset(), nullptr), expected.at("read_uncommitted")) << name;
    if (!expected.contains("read_committed")) return;
    const Offset end = log.last_stable_offset();
    auto aborted = run(log.aborted_transactions(log.log_start_offset(), end));
    ASSERT_TRUE(aborted.has_value()) << name;
    CommittedFilter filter(*std::move(aborted));
    EXPECT_EQ(records(log, end, &filter), expected.at("read_committed")) << name;
  }

  void compare(const std::string& archive, const std::string& view, std::size_t at_least) {
    start_on(unpack(archive));
    const Json expected = Json::parse(gunzip(view));
    std::size_t compared = 0;
    for (const auto& [topic, description] : expected.at("topics").items()) {
      // Kafka appends to its own topics once it runs.
      if (topic.starts_with("__")) continue;
      for (const auto& [partition, content] : description.at("partitions").items()) {
        const TopicPartition id{topic, PartitionId(std::stoi(partition))};
        PartitionLog* log = manager->find(id);
        ASSERT_NE(log, nullptr) << id.to_string();
        EXPECT_EQ(log->topic_id().to_string(), description.at("topicId").get<std::string>());
        compare_partition(*log, content, id.to_string());
        ++compared;
      }
    }
    EXPECT_GE(compared, at_least);
  }
  template <class T>
  T run(Task<T> task) {
    return world.run(*node, std::move(task));
  }
};

TEST_F(KafkaView, clean_directory_shows_what_kafka_showed) { compare("clean.tar.gz", "clean-view.json.gz", 15); }

TEST_F(KafkaView, killed_directory_shows_what_kafka_showed_after_its_recovery) {
  compare("killed.tar.gz", "killed-view.json.gz", 15);
}

TEST_F(KafkaView, torn_directory_shows_what_kafka_showed_after_its_recovery) {
  compare("torn.tar.gz", "torn-view.json.gz", 15);
}

// The same from the batches alone: no index, no snapshot, no checkpoint.
TEST_F(KafkaView, damaged_transaction_index_is_found_again_from_the_batches) {
  Files files = unpack("clean.tar.gz");
  std::size_t damaged = 0;
  for (auto& [name, content] : files) {
    if (!name.ends_with(".txnindex") || !name.starts_with("txn-")) continue;
    content.pop_back();
    ++damaged;
  }
  ASSERT_GT(damaged, 0u);
  start_on(files);
  const Json expected = Json::parse(gunzip("clean-view.json.gz"));
  for (const auto& [partition, content] : expected.at("topics").at("txn").at("partitions").items()) {
    PartitionLog* log = manager->find({"txn", PartitionId(std::stoi(partition))});
    ASSERT_NE(log, nullptr);
    compare_partition(*log, content, "txn-" + partition);
  }
}

}  // namespace
}  // namespace barnabas::log
