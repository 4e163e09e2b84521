// What the broker counts about itself: plain numbers on the node's one thread, no clock of their own.
//
// Names and meaning are Kafka's (metrics_page.cpp spells them). Handlers and connections count; only the page reads.
// Nothing here allocates after the first request of a topic, of an API, or with an error code.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/errors_in.hpp"

namespace barnabas::broker {

// How long things took, of late: percentiles over the last one to two minutes, the count since the start.
class Timings {
 public:
  void record(Duration took, Instant now);

  std::uint64_t count() const { return count_; }
  // Milliseconds that `share` (0 to 1) of the recent ones did not exceed, to within an eighth; 0 without any.
  double percentile(double share, Instant now) const;

 private:
  // Of microseconds: four buckets to each power of two; the last holds all that is longer than an hour.
  static constexpr std::size_t kBuckets = 4 * 32;
  static constexpr Duration kWindow = 1min;
  using Window = std::array<std::uint32_t, kBuckets>;

  static std::size_t bucket_of(Duration took);
  static double upper_milliseconds(std::size_t bucket);
  void turn(Instant now);

  std::uint64_t count_ = 0;
  Instant turned_{};  // When the present window began.
  Window present_{};
  Window past_{};
};

struct RequestMetrics {
  static constexpr std::size_t kVersions = 24;

  std::array<std::uint64_t, kVersions> requests{};  // By version.
  std::uint64_t bytes = 0;
  std::map<protocol::ErrorCode, std::uint64_t> errors;  // In their responses: how often each code, NONE too.
  Timings total;           // From the last byte of the request to the last byte of its response.
  Timings queue;           // Until it was begun.
  Timings local;           // Until it had its place in the order of effects, or was answered.
  Timings remote;          // From then on, until it was answered: what it waited for.
  Timings response_queue;  // Until the responses before it were written.
  Timings response_send;
};

// The BrokerTopicMetrics of one topic, or of all.
struct TopicMetrics {
  std::uint64_t messages_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_rejected = 0;
  std::uint64_t produce_requests = 0;
  std::uint64_t fetch_requests = 0;
  std::uint64_t failed_produce_requests = 0;
  std::uint64_t failed_fetch_requests = 0;
  std::uint64_t produce_conversions = 0;
  std::uint64_t fetch_conversions = 0;
};

class Metrics {
 public:
  // Topics that are counted one by one; those beyond are only in the sum.
  static constexpr std::size_t kMaxTopics = 100'000;

  // All requests of one API are counted together, and those of some kinds once more by themselves.
  enum class Kind : std::uint8_t { all, consumer_fetch, follower_fetch };

  // Only for topics that are there: what clients invent must not cost memory.
  void count(std::string_view topic, std::uint64_t TopicMetrics::* what, std::uint64_t by = 1) {
    topic_metrics(topic).*what += by;
    all_topics_.*what += by;
  }
  // For what belongs to no topic that is there.
  void count(std::uint64_t TopicMetrics::* what, std::uint64_t by = 1) { all_topics_.*what += by; }
  // Forgets the topics for which is_there(name) is false.
  template <class Predicate>
  void retain_topics(Predicate is_there) {
    std::erase_if(topics_, [&](const auto& entry) { return !is_there(entry.first); });
  }

  RequestMetrics& request(protocol::ApiKey key, Kind kind = Kind::all);
  template <class Response>
  void count_errors(const Response& response) {
    RequestMetrics& metrics = request(Response::kApiKey);
    protocol::for_each_error(response, [&](protocol::ErrorCode code) { ++metrics.errors[code]; });
  }

  const TopicMetrics& all_topics() const { return all_topics_; }
  const std::map<std::string, TopicMetrics, std::less<>>& topics() const { return topics_; }
  const std::map<std::pair<protocol::ApiKey, Kind>, std::unique_ptr<RequestMetrics>>& requests() const {
    return requests_;
  }

  std::size_t connections = 0;  // Now.
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  // Beyond max.connections or max.connections.per.ip.
  std::uint64_t connections_expired = 0;  // Idle or stalled for too long.
  std::size_t delayed_fetches = 0;        // Waiting now.
  std::size_t delayed_produces = 0;
  std::size_t requests_queued = 0;  // Read, and waiting for queued.max.requests.

 private:
  TopicMetrics& topic_metrics(std::string_view topic);

  TopicMetrics all_topics_;
  TopicMetrics beyond_;
  std::map<std::string, TopicMetrics, std::less<>> topics_;
  std::map<std::pair<protocol::ApiKey, Kind>, std::unique_ptr<RequestMetrics>> requests_;
};

// Counts something that is under way, for as long as it lives.
class UnderWay {
 public:
  explicit UnderWay(std::size_t& count) : count_(count) { ++count_; }
  ~UnderWay() { --count_; }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace barnabas::broker
