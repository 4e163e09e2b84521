// What one client cannot do to the others: the limits of the port, each with a client that runs into it.
#include "core/broker/connection_limits.hpp"
#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/protocol/messages/11_join_group.hpp"
#include "core/protocol/messages/18_api_versions.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;

std::size_t lines_with(Cluster& cluster, std::string_view part) {
  std::size_t count = 0;
  for (const std::string& line : cluster.world().trace().lines()) {
    if (line.find(part) != std::string::npos) ++count;
  }
  return count;
}

bool still_serves(Cluster& cluster) {
  return cluster.call<MetadataResponse>(MetadataRequest(), 9)->brokers.size() == 1;
}

// Sends the pieces, with a pause before each; says how many it could.
Task<void> drip(env::Env env, RawClient& client, std::vector<std::byte> bytes, Duration pause, std::size_t& sent,
                bool& failed) {
  for (const std::byte byte : bytes) {
    co_await env.clock.sleep_for(pause);
    std::vector<std::byte> piece{byte};
    const Result<void> done = co_await client.send(std::move(piece));
    if (!done) {
      failed = true;
      co_return;
    }
    ++sent;
  }
}

// Sends the frame again and again and never reads.
Task<void> flood(RawClient& client, std::vector<std::byte> frame, std::size_t& sent, bool& failed) {
  while (true) {
    const Result<void> done = co_await client.send(frame);
    if (!done) {
      failed = true;
      co_return;
    }
    ++sent;
  }
}

TEST(Port, as_many_connections_from_one_address_as_allowed) {
  Cluster cluster(31);
  cluster.set("max.connections.per.ip", "1");
  cluster.set("max.connections.per.ip.overrides", "10.0.0.7:0, client:2");
  cluster.start();
  auto one = cluster.connect();
  const auto two = cluster.connect();
  cluster.call<MetadataResponse>(*one, MetadataRequest(), 9);
  cluster.call<MetadataResponse>(*two, MetadataRequest(), 9);
  const auto three = cluster.connect();
  EXPECT_FALSE(cluster.run(three->receive()).has_value());
  EXPECT_TRUE(cluster.logged("was refused: max.connections.per.ip=2"));
  one->close();
  cluster.world().run_for(1s);
  const auto four = cluster.connect();
  EXPECT_EQ(cluster.call<MetadataResponse>(*four, MetadataRequest(), 9)->brokers.size(), 1u);
}

TEST(Port, limits_that_contradict_each_other_are_refused_at_the_start) {
  const std::pair<std::string, std::string> bad[] = {{"max.connections.per.ip.overrides", "10.0.0.7"},
                                                     {"max.connections.per.ip.overrides", "10.0.0.7:many"},
                                                     {"max.connections.per.ip.overrides", ":5"},
                                                     {"queued.max.request.bytes", "1000"}};
  for (const auto& [key, value] : bad) {
    Cluster cluster(32);
    cluster.set(key, value);
    const auto started = cluster.try_start();
    ASSERT_FALSE(started.has_value()) << value;
    EXPECT_NE(started.error().message.find(key), std::string::npos) << started.error().message;
  }
}

TEST(Port, one_byte_a_second_is_no_movement) {
  for (const std::int32_t size : {400, 60'000}) {
    Cluster cluster(33);
    cluster.set("connections.max.idle.ms", "20000");
    cluster.start();
    const auto slow = cluster.connect();
    std::vector<std::byte> bytes(400);
    store_big_endian(bytes.data(), size);
    std::size_t sent = 0;
    bool failed = false;
    cluster.client_node().spawn_task(drip(cluster.client_env(), *slow, bytes, 1s, sent, failed));
    ASSERT_TRUE(cluster.world().run_until([&] { return failed; }, 120s)) << size;
    EXPECT_GE(sent, 19u);
    EXPECT_LE(sent, 40u);
    EXPECT_TRUE(still_serves(cluster));
  }
}

TEST(Port, a_large_request_that_trickles_gives_its_memory_back) {
  Cluster cluster(34);
  cluster.start();
  const auto slow = cluster.connect();
  // It gets its memory when this much is there.
  std::vector<std::byte> begun(4 + kProgress);
  store_big_endian(begun.data(), std::int32_t{100 << 20});
  std::vector<std::byte> bytes(400);
  std::size_t sent = 0;
  bool failed = false;
  ASSERT_TRUE(cluster.world().run(cluster.client_node(), slow->send(begun)).has_value());
  cluster.client_node().spawn_task(drip(cluster.client_env(), *slow, bytes, 1s, sent, failed));
  ASSERT_TRUE(cluster.world().run_until([&] { return failed; }, 60s));
  EXPECT_TRUE(still_serves(cluster));
}

TEST(Port, a_client_that_never_reads_is_no_longer_read_from_and_then_closed) {
  Cluster cluster(35);
  cluster.set("connections.max.idle.ms", "30000");
  cluster.start();
  cluster.create_topic("orders", 500);
  const auto deaf = cluster.connect();
  MetadataRequest every;
  const auto frame = RawClient::frame(every, 9, 1);
  std::size_t sent = 0;
  bool failed = false;
  cluster.client_node().spawn_task(flood(*deaf, frame, sent, failed));
  cluster.world().run_for(20s);
  EXPECT_FALSE(failed);
  const std::size_t stuck_at = sent;
  EXPECT_TRUE(still_serves(cluster));
  cluster.world().run_for(3s);
  EXPECT_EQ(sent, stuck_at) << "nothing more is read";
  ASSERT_TRUE(cluster.world().run_until([&] { return failed; }, 60s));
  EXPECT_TRUE(still_serves(cluster));
}

TEST(Port, a_client_that_reads_slowly_is_left_alone) {
  Cluster cluster(36);
  cluster.set("connections.max.idle.ms", "20000");
  cluster.start();
  cluster.create_topic("orders");
  const std::string value(900'000, 'x');
  for (int i = 0; i < 8; ++i) {
    cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({value})), 9);
  }
  FetchRequest request = fetch_request("orders", 0, 0);
  request.topics[0].partitions[0].partition_max_bytes = 20 << 20;
  auto stream = cluster.run(cluster.client_env().network.connect(cluster.endpoint()));
  ASSERT_TRUE(stream.has_value());
  const auto frame = RawClient::frame(request, 11, 1);
  const ByteView parts[] = {frame};
  ASSERT_TRUE(cluster.run((*stream)->write(parts)).has_value());
  Buffer piece = Buffer::allocate(100'000);
  std::size_t got = 0;
  for (std::size_t pending = 0; got < 7'200'000;) {
    const auto count = cluster.run((*stream)->read_some(piece.mutable_view()));
    ASSERT_TRUE(count.has_value()) << got;
    got += *count;
    pending += *count;
    if (pending < 200'000) continue;
    pending = 0;
    cluster.world().run_for(3s);
  }
  EXPECT_TRUE(still_serves(cluster));
}

TEST(Port, a_thousand_bad_connections_fill_no_log) {
  Cluster cluster(37);
  cluster.start();
  for (int i = 0; i < 200; ++i) {
    const auto bad = cluster.connect();
    std::vector<std::byte> bytes(16, std::byte{0xff});
    cluster.run(bad->send(std::move(bytes)));
    (void)cluster.run(bad->receive());
  }
  EXPECT_LE(lines_with(cluster, "closed: "), 60u);
  EXPECT_GE(lines_with(cluster, "closed: "), 20u);
  cluster.world().run_for(30s);
  EXPECT_TRUE(cluster.logged("more lines about closed or refused connections were left out"));
}

TEST(Port, a_member_that_waits_takes_no_place_among_requests_in_work) {
  Cluster cluster(38);
  cluster.set("queued.max.requests", "1");
  cluster.set("group.initial.rebalance.delay.ms", "30000");
  cluster.start();
  cluster.create_topic("orders");
  JoinGroupRequest join;
  join.group_id = "g";
  join.session_timeout_ms = 30'000;
  join.rebalance_timeout_ms = 60'000;
  join.protocol_type = "consumer";
  join.protocols.emplace_back().name = "range";
  std::vector<std::unique_ptr<RawClient>> members;
  for (int i = 0; i < 3; ++i) {
    members.push_back(cluster.connect());
    cluster.run(members.back()->send(RawClient::frame(join, 3, 1)));
  }
  const auto consumer = cluster.connect();
  FetchRequest fetch = fetch_request("orders", 0, 0);
  fetch.max_wait_ms = 30'000;
  cluster.run(consumer->send(RawClient::frame(fetch, 11, 1)));
  cluster.world().run_for(2s);
  const Instant before = cluster.world().now();
  EXPECT_TRUE(still_serves(cluster));
  const auto answer = cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a"})), 9);
  EXPECT_EQ(answer->responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
  EXPECT_LT(cluster.world().now() - before, 5s);
}

TEST(Port, large_requests_wait_for_memory_and_all_get_it) {
  Cluster cluster(39);
  cluster.set("socket.request.max.bytes", "300000");
  cluster.set("queued.max.request.bytes", "300000");
  cluster.start();
  cluster.create_topic("orders");
  const auto frame = RawClient::frame(produce_request("orders", 0, batch_of({std::string(200'000, 'x')})), 9, 1);
  std::vector<std::unique_ptr<RawClient>> clients;
  std::vector<std::size_t> sent(6);
  bool failed = false;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    clients.push_back(cluster.connect());
    cluster.client_node().spawn_task(
        [](RawClient& client, std::vector<std::byte> bytes, std::size_t& count, bool& bad) -> Task<void> {
          const Result<void> done = co_await client.send(std::move(bytes));
          bad = bad || !done;
          ++count;
        }(*clients[i], frame, sent[i], failed));
  }
  for (const auto& client : clients) {
    auto response = cluster.run(client->receive());
    ASSERT_TRUE(response.has_value());
    const auto answer = RawClient::decode<ProduceResponse>(*response, 9, 1);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ((*answer)->responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
  }
  EXPECT_FALSE(failed);
}

// Sends one request that names many things, on a connection of its own; how many events passed until its answer.
template <class Response, class Request>
std::uint64_t events_of(Cluster& cluster, const Request& request, std::int16_t version) {
  const std::uint64_t before = cluster.world().events();
  cluster.call<Response>(request, version);
  return cluster.world().events() - before;
}

// Virtual time stands still while a handler works; what shows that it lets others run is how often it is resumed.
TEST(Port, requests_that_name_many_things_give_way_to_others) {
  constexpr std::int32_t kMany = 20'000;
  constexpr std::uint64_t kTurns = kMany / 64;  // Far more than a request takes that does not give way.
  Cluster cluster(40);
  cluster.start();
  cluster.create_topic("orders");
  FetchRequest fetch = fetch_request("orders", 0, 0);
  fetch.session_epoch = 0;
  fetch.max_wait_ms = 0;
  ListOffsetsRequest offsets;
  offsets.topics.emplace_back().name = "orders";
  MetadataRequest metadata;
  metadata.allow_auto_topic_creation = false;
  metadata.topics.emplace();
  CreateTopicsRequest creations;
  creations.validate_only = true;
  creations.timeout_ms = 1000;
  ProduceRequest produce = produce_request("orders", 0, batch_of({"a"}));
  for (std::int32_t i = 1; i <= kMany; ++i) {
    auto& fetched = fetch.topics.at(0).partitions.emplace_back(fetch.topics.at(0).partitions.at(0));
    fetched.partition = i;
    auto& listed = offsets.topics.at(0).partitions.emplace_back();
    listed.partition_index = i;
    listed.timestamp = -1;
    const std::string name = "n" + std::to_string(i);
    metadata.topics->emplace_back().name = String(name);
    auto& created = creations.topics.emplace_back();
    created.name = name;
    created.num_partitions = 1;
    created.replication_factor = 1;
    auto& produced = produce.topic_data.at(0).partition_data.emplace_back();
    produced.index = i;
    produced.records = Records(ByteView());
  }
  EXPECT_LT(events_of<MetadataResponse>(cluster, MetadataRequest(), 9), kTurns);
  EXPECT_GT(events_of<FetchResponse>(cluster, fetch, 11), kTurns);
  EXPECT_GT(events_of<ListOffsetsResponse>(cluster, offsets, 5), kTurns);
  EXPECT_GT(events_of<MetadataResponse>(cluster, metadata, 9), kTurns);
  EXPECT_GT(events_of<CreateTopicsResponse>(cluster, creations, 5), kTurns);
  EXPECT_GT(events_of<ProduceResponse>(cluster, produce, 3), kTurns);
}

}  // namespace
}  // namespace barnabas::broker
