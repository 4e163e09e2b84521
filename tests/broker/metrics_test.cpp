#include "core/broker/metrics.hpp"

#include <set>

#include "core/protocol/messages/08_offset_commit.hpp"
#include "core/protocol/messages/10_find_coordinator.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;

TEST(Timings, percentiles_are_of_late_and_the_count_is_of_all) {
  Timings timings;
  const Instant start(1h);
  EXPECT_EQ(timings.percentile(0.5, start), 0);
  for (int i = 1; i <= 1000; ++i) timings.record(std::chrono::milliseconds(i), start);
  EXPECT_NEAR(timings.percentile(0.50, start), 500, 500 / 4.0);
  EXPECT_NEAR(timings.percentile(0.99, start), 990, 990 / 4.0);
  EXPECT_NEAR(timings.percentile(0.50, start + 90s), 500, 500 / 4.0) << "still in the window before";
  EXPECT_EQ(timings.percentile(0.50, start + 10min), 0);
  EXPECT_EQ(timings.count(), 1000u);
}

TEST(Timings, no_duration_is_too_short_or_too_long) {
  Timings timings;
  const Instant start(1h);
  for (const Duration took : {Duration(-1s), Duration(0), Duration(3us), Duration(4us), Duration(10'000h)}) {
    timings.record(took, start);
  }
  EXPECT_EQ(timings.count(), 5u);
  EXPECT_NEAR(timings.percentile(0.5, start), 0.003, 0.001);
}

Task<Result<std::string>> http(env::Env env, env::Endpoint at, std::string request) {
  B_CO_TRY(const std::unique_ptr<env::Stream> stream, co_await env.network.connect(at));
  const ByteView parts[] = {as_bytes(request)};
  B_CO_TRY_VOID(co_await stream->write(parts));
  std::string answer;
  Buffer piece = Buffer::allocate(4096);
  while (true) {
    const Result<std::size_t> count = co_await stream->read_some(piece.mutable_view());
    if (!count) break;
    answer += as_text(piece.view().first(*count));
    const std::size_t head = answer.find("\r\n\r\n");
    const std::size_t length = answer.find("Content-Length: ");
    if (head == std::string::npos || length == std::string::npos) continue;
    if (answer.size() >= head + 4 + std::stoul(answer.substr(length + 16))) break;
  }
  co_return Result<std::string>(std::move(answer));
}

class MetricsPage : public ::testing::Test {
 protected:
  void start() {
    cluster.set("metrics.host", "");
    cluster.set("metrics.port", "9404");
    cluster.start();
    cluster.create_topic("orders", 2);
  }
  std::string get(std::string request = "GET /metrics HTTP/1.1\r\nHost: broker\r\n\r\n") {
    const auto answer = cluster.run(http(cluster.client_env(), {"broker", 9404}, std::move(request)));
    EXPECT_TRUE(answer.has_value());
    return answer ? *answer : std::string();
  }
  // The value of one line of the page; -1 when it is not there.
  static double value(const std::string& page, const std::string& series) {
    const std::size_t at = page.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size() + 2));
  }

  Cluster cluster{41};
};

TEST_F(MetricsPage, counts_what_clients_did) {
  start();
  const Buffer batch = batch_of({"a", "b", "c"});
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch), 9);
  cluster.call<ProduceResponse>(produce_request("nothing", 0, batch), 9);
  cluster.call<FetchResponse>(fetch_request("orders", 0, 0), 11);
  cluster.call<FetchResponse>(fetch_request("orders", 0, 99), 11);
  const std::string page = get();
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200 OK\r\n")) << page.substr(0, 100);
  EXPECT_NE(page.find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
  const auto size = static_cast<double>(batch.size());
  EXPECT_EQ(value(page, "kafka_server_brokertopicmetrics_messagesin_total"), 3);
  EXPECT_EQ(value(page, "kafka_server_brokertopicmetrics_messagesin_total{topic=\"orders\"}"), 3);
  EXPECT_EQ(value(page, "kafka_server_brokertopicmetrics_bytesin_total"), size);
  EXPECT_EQ(value(page, "kafka_server_brokertopicmetrics_bytesout_total{topic=\"orders\"}"), size);
  EXPECT_EQ(value(page, "kafka_server_brokertopicmetrics_failedproducerequests_total"), 1);
  EXPECT_EQ(value(page, "kafka_server_brokertopicmetrics_failedfetchrequests_total{topic=\"orders\"}"), 1);
  EXPECT_EQ(page.find("topic=\"nothing\""), std::string::npos) << "clients cannot invent series";
  EXPECT_EQ(value(page, "kafka_network_requestmetrics_requests_total{request=\"Produce\",version=\"9\"}"), 2);
  const std::string errors = "kafka_network_requestmetrics_errors_total{request=";
  EXPECT_EQ(value(page, errors + "\"Produce\",error=\"NONE\"}"), 1);
  EXPECT_EQ(value(page, errors + "\"Produce\",error=\"UNKNOWN_TOPIC_OR_PARTITION\"}"), 1);
  EXPECT_EQ(value(page, errors + "\"Fetch\",error=\"OFFSET_OUT_OF_RANGE\"}"), 1);
  EXPECT_EQ(value(page, "kafka_network_requestmetrics_totaltimems_count{request=\"FetchConsumer\"}"), 2);
  EXPECT_GT(value(page, "kafka_network_requestmetrics_totaltimems{request=\"Produce\",quantile=\"0.99\"}"), 0);
  EXPECT_EQ(value(page, "kafka_server_replicamanager_partitioncount"), 2);
  EXPECT_EQ(value(page, "kafka_server_replicamanager_underreplicatedpartitions"), 0);
  EXPECT_EQ(value(page, "kafka_server_replicamanager_atminisrpartitioncount"), 2);
  EXPECT_EQ(value(page, "kafka_controller_kafkacontroller_activecontrollercount"), 1);
  EXPECT_EQ(value(page, "kafka_controller_kafkacontroller_activebrokercount"), 1);
  EXPECT_EQ(value(page, "kafka_server_sessionexpirelistener_zookeeperdisconnects_total"), 0);
  EXPECT_EQ(value(page, "kafka_log_log_logendoffset{topic=\"orders\",partition=\"0\"}"), 3);
  EXPECT_EQ(value(page, "kafka_log_log_size{topic=\"orders\",partition=\"0\"}"), size);
  EXPECT_EQ(value(page, "kafka_log_log_numlogsegments{topic=\"orders\",partition=\"1\"}"), 1);
}

TEST_F(MetricsPage, forgets_deleted_topics_but_not_what_they_added_to_the_sum) {
  start();
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a", "b"})), 9);
  EXPECT_NE(get().find("topic=\"orders\""), std::string::npos);
  DeleteTopicsRequest removal;
  removal.timeout_ms = 10'000;
  removal.topic_names.push_back("orders");
  cluster.call<DeleteTopicsResponse>(removal, 3);
  const std::string page = get();
  EXPECT_EQ(page.find("topic=\"orders\""), std::string::npos);
  EXPECT_EQ(value(page, "kafka_server_brokertopicmetrics_messagesin_total"), 2);
}

TEST_F(MetricsPage, shows_the_lag_of_groups) {
  start();
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a", "b", "c"})), 9);
  FindCoordinatorRequest find;
  find.key = "team \"a\"";
  while (cluster.call<FindCoordinatorResponse>(find, 0)->error_code != ErrorCode::none) cluster.world().run_for(1s);
  OffsetCommitRequest commit;
  commit.group_id = "team \"a\"";
  auto& topic = commit.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.emplace_back().committed_offset = 1;
  ASSERT_EQ(cluster.call<OffsetCommitResponse>(commit, 7)->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
  const std::string page = get();
  const std::string labels = "{consumergroup=\"team \\\"a\\\"\",topic=\"orders\",partition=\"0\"}";
  EXPECT_EQ(value(page, "kafka_consumergroup_lag" + labels), 2);
  EXPECT_EQ(value(page, "kafka_consumergroup_current_offset" + labels), 1);
  EXPECT_EQ(value(page, "kafka_coordinator_group_groupmetadatamanager_numgroups"), 1);
  EXPECT_EQ(value(page, "kafka_coordinator_group_groupmetadatamanager_numgroupsempty"), 1);
  EXPECT_EQ(value(page, "kafka_coordinator_group_groupmetadatamanager_numgroupsstable"), 0);
}

TEST_F(MetricsPage, every_series_follows_its_type_line_and_stands_once) {
  start();
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a"})), 9);
  const std::string page = get();
  std::vector<std::string> families;
  std::set<std::string> series;
  for (std::size_t at = page.find("\r\n\r\n") + 4; at < page.size();) {
    const std::size_t end = page.find('\n', at);
    ASSERT_NE(end, std::string::npos) << "the last line ends as well";
    const std::string line = page.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("# TYPE ")) families.push_back(line.substr(7, line.find(' ', 7) - 7));
    if (line.starts_with("#")) continue;
    ASSERT_FALSE(families.empty());
    EXPECT_TRUE(line.starts_with(families.back())) << line;
    EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
  EXPECT_EQ(std::set<std::string>(families.begin(), families.end()).size(), families.size());
}

TEST_F(MetricsPage, answers_nothing_else) {
  start();
  EXPECT_TRUE(get("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(get("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(get("GET /metrics?x=1 HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(get("\x16\x03\x01 nonsense\r\n\r\n"), "");
  EXPECT_EQ(get("GET /" + std::string(20'000, 'a')), "") << "a head without end";
  const Instant before = cluster.world().now();
  EXPECT_EQ(get("GET /metr"), "") << "half a request";
  EXPECT_LT(cluster.world().now() - before, 20s);
  EXPECT_TRUE(get().starts_with("HTTP/1.1 200 "));
}

TEST(MetricsPort, is_not_open_unless_asked_for) {
  Cluster cluster(42);
  cluster.start();
  EXPECT_FALSE(cluster.run(http(cluster.client_env(), {"broker", 9404}, "GET /metrics HTTP/1.1\r\n\r\n")).has_value());
}

}  // namespace
}  // namespace barnabas::broker
