// What Apache Kafka wrote is read as Kafka reads it.
#include "tests/coordinator/coordinator_fixture.hpp"
#include "tests/coordinator/hex.hpp"
#include "tests/coordinator/kafka_logs.hpp"

namespace barnabas::coordinator {
namespace {

class KafkaLog : public CoordinatorFixture {
 protected:
  // All partitions get the log: only the group's own is asked for.
  void start_on(std::string_view log) {
    for (std::int32_t i = 0; i < kPartitions; ++i) logs[i].batches = {from_hex(log)};
    start();
  }
  std::map<std::string, std::int64_t> offsets(const std::string& group) {
    std::map<std::string, std::int64_t> result;
    const auto response = run(fetch_all(group, 7));
    for (const auto& topic : response.topics) {
      for (const auto& partition : topic.partitions) {
        result[topic.name.str() + "-" + std::to_string(partition.partition_index)] = partition.committed_offset;
      }
    }
    return result;
  }
};

TEST_F(KafkaLog, transactional_commit_counts_after_its_marker) {
  start_on(kTransactionalLog);
  EXPECT_EQ(offsets("grp-tx"), (std::map<std::string, std::int64_t>{{"plain-none-0", 42}}));
  EXPECT_EQ(run(describe("grp-tx")).groups.at(0).group_state, "Empty");
}

// As Kafka's own clients saw the group.
TEST_F(KafkaLog, consumer_group_that_left_is_empty_with_its_offsets) {
  start_on(kConsumerGroupLog);
  std::string found;
  for (const auto& [partition, offset] : offsets("grp-a")) found += partition + "=" + std::to_string(offset) + " ";
  EXPECT_EQ(found, "codec-zstd-0=220 plain-none-0=160 plain-none-1=160 ");
  for (const auto& listed : run(list()).groups) EXPECT_EQ(listed.group_state, "Empty");
}

}  // namespace
}  // namespace barnabas::coordinator
