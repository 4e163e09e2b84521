// A broker on one simulated machine and a client that speaks raw frames on another.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/broker/broker.hpp"
#include "core/protocol/frame.hpp"
#include "core/protocol/messages/00_produce.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/protocol/messages/03_metadata.hpp"
#include "core/protocol/messages/19_create_topics.hpp"
#include "core/protocol/messages/20_delete_topics.hpp"
#include "core/record/batch_builder.hpp"
#include "core/record/convert.hpp"
#include "sim/world/world.hpp"

namespace barnabas::broker {

// A decoded response and the frame that it borrows from.
template <class Response>
struct Answer {
  Buffer frame;
  Response message;

  const Response* operator->() const { return &message; }
};

// One connection. Not for two users at a time.
class RawClient {
 public:
  static Task<Result<std::unique_ptr<RawClient>>> connect(env::Env env, env::Endpoint to);

  // A request as it goes over the wire, its length included.
  template <class Request>
  static std::vector<std::byte> frame(const Request& request, std::int16_t version, std::int32_t correlation_id) {
    std::vector<std::byte> bytes;
    for (const protocol::Fragment& fragment :
         protocol::encode_request_frame(request, version, correlation_id, protocol::String("test"))) {
      const ByteView part = std::get<Buffer>(fragment).view();
      bytes.insert(bytes.end(), part.begin(), part.end());
    }
    return bytes;
  }

  Task<Result<void>> send(std::vector<std::byte> bytes);
  // The next response, without its length. end_of_stream and the like when the broker closed the connection.
  Task<Result<Buffer>> receive();

  template <class Response>
  static Result<Answer<Response>> decode(Buffer response, std::int16_t version, std::int32_t correlation_id) {
    const std::size_t header = 4 + (protocol::response_header_version<Response>(version) == 1 ? 1U : 0U);
    if (response.size() < header || load_big_endian<std::int32_t>(response.data()) != correlation_id) {
      return fail(Errc::corrupt, "another response was expected");
    }
    B_TRY(Response message, protocol::decode<Response>(response.view().subspan(header), version));
    return Answer<Response>{std::move(response), std::move(message)};
  }

  // Sends one request and waits for its response.
  template <class Response, class Request>
  Task<Result<Answer<Response>>> call(Request request, std::int16_t version) {
    const std::int32_t id = next_id_++;
    std::vector<std::byte> bytes = frame(request, version, id);
    B_CO_TRY_VOID(co_await send(std::move(bytes)));
    B_CO_TRY(Buffer response, co_await receive());
    co_return decode<Response>(std::move(response), version, id);
  }

  void close() { stream_->close(); }

 private:
  Task<Result<void>> read_exactly(MutableByteView into);

  std::unique_ptr<env::Stream> stream_;
  std::int32_t next_id_ = 1;
};

// The broker as a program of a node: it dies with the node, or ends when stop is set.
struct Running {
  metadata::Config config;
  std::optional<Result<env::Endpoint>> started;
  bool stop = false;
  bool stopped = false;
};

Task<void> serve(env::Env env, std::shared_ptr<Running> state);

class Cluster {
 public:
  explicit Cluster(std::uint64_t seed);

  // Before start(): server.properties of the broker.
  void set(std::string key, std::string value);

  // Starts the broker and waits until it serves; throws std::runtime_error with its error otherwise.
  void start();
  // What start() would have said.
  Result<env::Endpoint> try_start();
  // The clean stop of the process.
  void stop();
  void kill();
  void power_cut();

  sim::World& world() { return world_; }
  sim::Node& broker() { return *broker_; }
  sim::Node& client_node() { return *client_; }
  env::Env client_env() { return client_->env(); }
  env::Endpoint endpoint() const { return endpoint_; }
  // Whether one of the last lines of the trace has this in it.
  bool logged(std::string_view part);

  template <class T>
  T run(Task<T> task) {
    return world_.run(*client_, std::move(task));
  }
  // A new connection each time.
  std::unique_ptr<RawClient> connect();

  template <class Response, class Request>
  Answer<Response> call(RawClient& client, Request request, std::int16_t version) {
    auto answer = run(client.call<Response>(std::move(request), version));
    if (!answer) throw std::runtime_error(answer.error().to_string());
    return *std::move(answer);
  }
  template <class Response, class Request>
  Answer<Response> call(Request request, std::int16_t version) {
    const auto client = connect();
    return call<Response>(*client, std::move(request), version);
  }

  void create_topic(std::string name, std::int32_t partitions = 1,
                    std::vector<std::pair<std::string, std::string>> configs = {});

 private:
  sim::World world_;
  sim::Node* broker_;
  sim::Node* client_;
  std::vector<std::pair<std::string, std::string>> settings_;
  std::shared_ptr<Running> running_;
  env::Endpoint endpoint_;
};

// One batch of magic 2 whose values are given.
Buffer batch_of(std::vector<std::string> values, record::BatchOptions options = {});
// A set of magic 0 or 1 with the same, from the batch.
Buffer old_format(const Buffer& batch, std::int8_t magic);
// The values of all records in batches of magic 2.
std::vector<std::string> values_in(ByteView batches);

protocol::ProduceRequest produce_request(std::string topic, std::int32_t partition, Buffer records,
                                         std::int16_t acks = -1);
protocol::FetchRequest fetch_request(std::string topic, std::int32_t partition, std::int64_t offset);

}  // namespace barnabas::broker
