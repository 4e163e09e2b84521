// What is not the protocol: that one connection is closed, with one line that says why; nothing else notices.
#include "core/base/prng.hpp"
#include "core/base/writer.hpp"
#include "core/protocol/messages/18_api_versions.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;

std::vector<std::byte> bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

std::vector<std::byte> frame_of(std::int32_t size, std::string_view body) {
  Writer writer;
  writer.i32(size);
  writer.bytes(as_bytes(body));
  return std::move(writer).take();
}

// Sends it beside a connection that works, and looks what happened to both.
void expect_closed(std::vector<std::byte> bytes, std::string_view line, bool leave_after = false) {
  Cluster cluster(3);
  cluster.start();
  const auto good = cluster.connect();
  cluster.call<MetadataResponse>(*good, MetadataRequest(), 9);
  const auto bad = cluster.connect();
  cluster.run(bad->send(std::move(bytes)));
  if (leave_after) {
    bad->close();
    cluster.world().run_for(1s);
  } else {
    EXPECT_FALSE(cluster.run(bad->receive()).has_value());
  }
  EXPECT_TRUE(cluster.logged(line)) << line << "\n" << cluster.world().trace().lines().back();
  EXPECT_EQ(cluster.call<MetadataResponse>(*good, MetadataRequest(), 9)->brokers.size(), 1u);
}

TEST(BadInput, http) { expect_closed(bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "looks like an HTTP request"); }

TEST(BadInput, tls) {
  expect_closed(bytes_of(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01", 8)), "looks like a TLS hello");
}

TEST(BadInput, a_length_of_two_gigabytes) { expect_closed(frame_of(INT32_MAX, ""), "socket.request.max.bytes"); }
TEST(BadInput, a_negative_length) { expect_closed(frame_of(-5, ""), "a request of -5 bytes"); }
TEST(BadInput, an_empty_request) { expect_closed(frame_of(0, ""), "a request of 0 bytes"); }

TEST(BadInput, half_a_frame) { expect_closed(frame_of(100, "only a part"), "left in the middle of a request", true); }

TEST(BadInput, an_api_that_is_not_served) {
  Writer writer;
  writer.i32(10);
  writer.i16(4321);
  writer.i16(0);
  writer.i32(1);
  writer.i16(-1);
  expect_closed(std::move(writer).take(), "API key 4321");
}

TEST(BadInput, a_version_that_is_not_served) {
  auto bytes = RawClient::frame(MetadataRequest(), 12, 1);
  bytes[7] = std::byte{99};
  expect_closed(std::move(bytes), "Metadata version 99 is not served, only 0 to 12");
}

TEST(BadInput, a_body_that_ends_too_early) {
  auto bytes = RawClient::frame(fetch_request("orders", 0, 0), 11, 1);
  bytes.resize(bytes.size() - 9);
  store_big_endian(bytes.data(), static_cast<std::int32_t>(bytes.size() - 4));
  expect_closed(std::move(bytes), "closed: ");
}

TEST(BadInput, random_bytes_harm_nobody) {
  Cluster cluster(8);
  cluster.start();
  cluster.create_topic("orders");
  Prng draw(99);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::byte> bytes(draw.below(300) + 1);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(draw.next());
    // Most of them with a good length and a served API, so that they come further.
    if (bytes.size() >= 14 && round % 4 != 0) {
      store_big_endian(bytes.data(), static_cast<std::int32_t>(bytes.size() - 4));
      store_big_endian(bytes.data() + 4, static_cast<std::int16_t>(draw.below(33)));
      store_big_endian(bytes.data() + 6, static_cast<std::int16_t>(draw.below(12)));
      if (round % 4 == 1) store_big_endian(bytes.data() + 12, std::int16_t{-1});
    }
    const auto client = cluster.connect();
    cluster.run(client->send(std::move(bytes)));
    client->close();
  }
  cluster.world().run_for(1s);
  EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->brokers.size(), 1u);
}

TEST(BadInput, damaged_requests_of_every_kind_harm_nobody) {
  Cluster cluster(9);
  cluster.start();
  cluster.create_topic("orders");
  Prng draw(5);
  for (int round = 0; round < 300; ++round) {
    auto bytes = round % 2 == 0 ? RawClient::frame(produce_request("orders", 0, batch_of({"a", "b"})), 9, 1)
                                : RawClient::frame(fetch_request("orders", 0, 0), 12, 1);
    for (std::uint64_t i = draw.below(4) + 1; i > 0; --i) {
      bytes[8 + draw.below(bytes.size() - 8)] = static_cast<std::byte>(draw.next());
    }
    const auto client = cluster.connect();
    cluster.run(client->send(std::move(bytes)));
    client->close();
  }
  cluster.world().run_for(1s);
  EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->brokers.size(), 1u);
}

TEST(ApiVersions, a_newer_version_is_answered_in_version_0_with_its_own_range) {
  Cluster cluster(10);
  cluster.start();
  const auto client = cluster.connect();
  ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1";
  auto bytes = RawClient::frame(request, 4, 42);
  bytes[7] = std::byte{77};
  cluster.run(client->send(std::move(bytes)));
  auto response = cluster.run(client->receive());
  ASSERT_TRUE(response.has_value());
  const auto answer = RawClient::decode<ApiVersionsResponse>(*response, 0, 42);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)->error_code, ErrorCode::unsupported_version);
  ASSERT_EQ((*answer)->api_keys.size(), 1u);
  EXPECT_EQ((*answer)->api_keys[0].api_key, ApiKey::api_versions);
  EXPECT_EQ((*answer)->api_keys[0].max_version, 4);
  EXPECT_EQ(cluster.call<ApiVersionsResponse>(*client, request, 4)->error_code, ErrorCode::none);
}

TEST(Connections, over_the_limit_wait_until_one_closes_and_idle_ones_are_closed) {
  Cluster cluster(11);
  cluster.set("max.connections", "2");
  cluster.set("connections.max.idle.ms", "60000");
  cluster.start();
  const auto one = cluster.connect();
  const auto two = cluster.connect();
  cluster.call<MetadataResponse>(*one, MetadataRequest(), 9);
  cluster.call<MetadataResponse>(*two, MetadataRequest(), 9);
  const auto three = cluster.connect();
  cluster.run(three->send(RawClient::frame(ApiVersionsRequest(), 0, 5)));
  cluster.world().run_for(1s);
  EXPECT_TRUE(cluster.logged("until one closes: max.connections=2"));
  cluster.world().run_for(40s);
  cluster.call<MetadataResponse>(*one, MetadataRequest(), 9);
  cluster.world().run_for(40s);
  EXPECT_FALSE(cluster.run(two->receive()).has_value());
  cluster.call<MetadataResponse>(*one, MetadataRequest(), 9);
}

TEST(Connections, a_large_request_that_does_not_come_gives_its_memory_back) {
  Cluster cluster(12);
  cluster.start();
  cluster.create_topic("orders");
  std::vector<std::unique_ptr<RawClient>> stalling;
  for (int i = 0; i < 6; ++i) {
    stalling.push_back(cluster.connect());
    cluster.run(stalling.back()->send(frame_of(100 << 20, std::string(20'000, 'x'))));
  }
  // Small requests do not wait for that memory; large ones get it when the stalled connections are closed.
  EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->brokers.size(), 1u);
  const Buffer large = batch_of({std::string(500'000, 'x')});
  const auto answer = cluster.call<ProduceResponse>(produce_request("orders", 0, large), 9);
  EXPECT_EQ(answer->responses[0].partition_responses[0].error_code, ErrorCode::none);
}

TEST(Connections, large_requests_that_are_only_announced_keep_no_other_waiting) {
  Cluster cluster(13);
  cluster.start();
  cluster.create_topic("orders");
  std::vector<std::unique_ptr<RawClient>> dripping;
  for (int i = 0; i < 100; ++i) {
    dripping.push_back(cluster.connect());
    cluster.run(dripping.back()->send(frame_of(100 << 20, "a byte a second")));
  }
  const Buffer large = batch_of({std::string(500'000, 'x')});
  const Instant before = cluster.world().now();
  const auto answer = cluster.call<ProduceResponse>(produce_request("orders", 0, large), 9);
  EXPECT_EQ(answer->responses[0].partition_responses[0].error_code, ErrorCode::none);
  EXPECT_LT(cluster.world().now() - before, 1s);
}

}  // namespace
}  // namespace barnabas::broker
