#include <gtest/gtest.h>

#include "tests/client/fixture.hpp"

namespace barnabas::client {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using What = Step::What;

env::Endpoint server_endpoint() { return {"server", FakeBroker::kPort}; }

protocol::MetadataRequest ask_for(std::string topic) {
  protocol::MetadataRequest request;
  request.topics.emplace().emplace_back().name = protocol::String(topic);
  return request;
}

Task<Result<std::shared_ptr<Connection>>> connect(env::Env env, ConnectionOptions options) {
  return Connection::connect(env, server_endpoint(), std::move(options));
}

ConnectionOptions short_timeouts() {
  ConnectionOptions options;
  options.request_timeout = std::chrono::seconds(2);
  return options;
}

TEST(Connection, pipelined_responses_reach_the_requests_they_answer) {
  ClientWorld w;
  const auto program = [](env::Env env) -> Task<Result<std::string>> {
    B_CO_TRY(const auto connection, co_await connect(env, {}));
    std::vector<Ticket> tickets;
    for (const std::string topic : {"orders", "payments", "nothing"}) {
      B_CO_TRY(Ticket ticket, connection->begin(ask_for(topic), 9));
      tickets.push_back(std::move(ticket));
    }
    std::string names;
    for (const Ticket& ticket : tickets) {
      B_CO_TRY(const auto reply, co_await connection->finish<protocol::MetadataResponse>(ticket));
      names += reply->topics[0].name->str() + " ";
    }
    co_return names;
  };
  EXPECT_EQ(w.run(program(w.node.env())).value(), "orders payments nothing ");
}

TEST(Connection, the_highest_common_version_is_used) {
  ClientWorld w;
  w.broker.max_versions[ApiKey::metadata] = 4;
  const auto program = [](env::Env env) -> Task<Result<std::int16_t>> {
    B_CO_TRY(const auto connection, co_await connect(env, {}));
    B_CO_TRY(const auto reply, co_await connection->call(ask_for("orders")));
    co_return reply.version;
  };
  EXPECT_EQ(w.run(program(w.node.env())).value(), 4);
}

TEST(Connection, a_broker_that_knows_only_the_first_api_versions_is_asked_again) {
  ClientWorld w;
  w.broker.max_versions[ApiKey::api_versions] = 2;
  const auto connection = w.run(connect(w.node.env(), {}));
  ASSERT_TRUE(connection.has_value()) << connection.error().to_string();
  EXPECT_EQ((*connection)->version_of<protocol::ProduceRequest>().value(), kNewestSpoken<protocol::ProduceRequest>);
  EXPECT_EQ(w.broker.requests[ApiKey::api_versions], 2);
}

Task<Result<Reply<protocol::MetadataResponse>>> one_call(env::Env env, ConnectionOptions options) {
  B_CO_TRY(const auto connection, co_await connect(env, options));
  co_return co_await connection->call(ask_for("orders"));
}

TEST(Connection, silence_times_out_and_breaks_the_connection) {
  ClientWorld w;
  w.broker.script[ApiKey::metadata] = {{What::silence, {}}};
  const auto program = [](env::Env env) -> Task<Result<void>> {
    B_CO_TRY(const auto connection, co_await connect(env, short_timeouts()));
    B_CO_TRY(const Ticket first, connection->begin(ask_for("orders"), 9));
    const auto reply = co_await connection->finish<protocol::MetadataResponse>(first);
    EXPECT_EQ(reply.error().code, Errc::timed_out);
    EXPECT_TRUE(Connection::was_sent(*first));
    EXPECT_TRUE(connection->broken());
    EXPECT_EQ(connection->begin(ask_for("orders"), 9).error().code, Errc::closed);
    co_return Result<void>();
  };
  EXPECT_TRUE(w.run(program(w.node.env())).has_value());
}

TEST(Connection, an_answer_to_another_request_is_corrupt) {
  ClientWorld w;
  w.broker.script[ApiKey::metadata] = {{What::wrong_correlation, {}}};
  EXPECT_EQ(w.run(one_call(w.node.env(), {})).error().code, Errc::corrupt);
}

TEST(Connection, an_answer_beyond_the_bound_is_refused) {
  ClientWorld w;
  w.broker.topics["huge"] = 3000;
  ConnectionOptions options;
  options.max_response_bytes = 10'000;
  const auto program = [](env::Env env, ConnectionOptions with) -> Task<Result<void>> {
    B_CO_TRY(const auto connection, co_await connect(env, with));
    const auto reply = co_await connection->call(ask_for("huge"));
    co_return reply ? Result<void>() : std::unexpected(reply.error());
  };
  EXPECT_EQ(w.run(program(w.node.env(), options)).error().code, Errc::too_large);
}

TEST(Connection, a_dropped_connection_fails_everything_under_way) {
  ClientWorld w;
  w.broker.script[ApiKey::metadata] = {{What::drop, {}}};
  const auto program = [](env::Env env) -> Task<Result<int>> {
    B_CO_TRY(const auto connection, co_await connect(env, {}));
    std::vector<Ticket> tickets;
    for (int i = 0; i < 3; ++i) {
      B_CO_TRY(Ticket ticket, connection->begin(ask_for("orders"), 9));
      tickets.push_back(std::move(ticket));
    }
    int failures = 0;
    for (const Ticket& ticket : tickets) {
      const auto reply = co_await connection->finish<protocol::MetadataResponse>(ticket);
      failures += reply ? 0 : 1;
    }
    co_return failures;
  };
  EXPECT_EQ(w.run(program(w.node.env())).value(), 3);
}

TEST(Connection, nobody_listening_is_a_refusal_within_the_time_limit) {
  ClientWorld w;
  w.server.kill();
  const auto connection = w.run(connect(w.node.env(), {}));
  ASSERT_FALSE(connection.has_value());
  EXPECT_EQ(connection.error().code, Errc::connection_refused);
}

TEST(Connection, requests_in_flight_are_bounded) {
  ClientWorld w;
  ConnectionOptions options;
  options.max_in_flight = 2;
  const auto program = [](env::Env env, ConnectionOptions with) -> Task<Result<void>> {
    B_CO_TRY(const auto connection, co_await connect(env, with));
    EXPECT_TRUE(connection->begin(ask_for("orders"), 9).has_value());
    EXPECT_TRUE(connection->begin(ask_for("orders"), 9).has_value());
    EXPECT_EQ(connection->begin(ask_for("orders"), 9).error().code, Errc::too_large);
    B_CO_TRY(const auto reply, co_await connection->call(ask_for("orders")));  // Waits for its turn.
    EXPECT_EQ(reply->topics.size(), 1u);
    co_return Result<void>();
  };
  EXPECT_TRUE(w.run(program(w.node.env(), options)).has_value());
}

TEST(Cluster, knows_leaders_ids_and_unknown_topics) {
  ClientWorld w;
  std::vector<std::string> topics = {"orders", "nothing"};
  ASSERT_TRUE(w.run(w.cluster.refresh(topics)).has_value());
  EXPECT_EQ(w.cluster.topic("orders")->partitions.size(), 3u);
  EXPECT_EQ(w.cluster.partition({"orders", PartitionId(2)})->leader, BrokerId(7));
  EXPECT_EQ(w.cluster.partition({"orders", PartitionId(3)}), nullptr);
  EXPECT_EQ(w.cluster.topic("nothing")->error, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(*w.cluster.topic_name(w.cluster.topic("orders")->id), "orders");
  EXPECT_EQ(w.cluster.controller(), BrokerId(7));
}

}  // namespace
}  // namespace barnabas::client
