// The page of served versions, and what may stand on it.
#include "core/broker/api_reference.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/broker/api_table.hpp"
#include "core/protocol/registry.hpp"

namespace barnabas::broker {
namespace {

TEST(ApiReference, the_page_in_docs_is_the_one_that_this_build_prints) {
  std::ifstream file(std::string(BARNABAS_GOLDEN_DIR) + "/../../docs/protocol.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_TRUE(page.str() == protocol_reference_markdown())
      << "docs/protocol.md is stale; write the output of `barnabas protocol-reference` to it";
}

TEST(ApiReference, what_is_served_is_known) {
  for (const Api& served : served_apis()) {
    const protocol::ApiInfo* known = protocol::find_api(served.key);
    ASSERT_NE(known, nullptr) << served.name();
    EXPECT_TRUE(known->supports(served.min_version) && known->supports(served.max_version)) << served.name();
  }
}

// The newest version that a broker of Kafka 3.9.1 in ZooKeeper mode advertises, by key; -1 for none, -2 where it is
// one of KRaft mode that clients use all the same.
constexpr int kKraftOnly = -2;
constexpr int kNewestOfKafka[] = {
    11, 17, 9,  12, 7, 4,  8,  3,  9, 9, 6, 9, 4, 5,  5,          5,          5,  1,          4,
    7,  6,  2,  5,  4, 5,  4,  4,  1, 4, 3, 3, 3, 4,  2,          2,          4,  2,          3,
    3,  2,  2,  3,  2, 2,  1,  0,  0, 0, 1, 1, 0, 0,  -1,         -1,         -1, -1,         3,
    1,  0,  -1, 1,  0, -1, -1, -1, 0, 1, 0, 0, 0, -1, kKraftOnly, kKraftOnly, -1, kKraftOnly, kKraftOnly};

// Kafka 4 added versions that promise what this broker does not do: topics by id, transactions that add partitions by
// themselves.
TEST(ApiReference, no_version_is_served_that_kafka_3_9_does_not_have) {
  for (const Api& served : served_apis()) {
    const auto key = static_cast<std::size_t>(served.key);
    ASSERT_LT(key, std::size(kNewestOfKafka)) << served.name();
    const int newest = kNewestOfKafka[key] == kKraftOnly ? 0 : kNewestOfKafka[key];
    EXPECT_LE(served.max_version, newest) << served.name();
  }
}

}  // namespace
}  // namespace barnabas::broker
