#include "sim/cluster/epoch_ends.hpp"

#include <algorithm>
#include <vector>

#include "core/client/connection.hpp"
#include "core/protocol/messages/23_offset_for_leader_epoch.hpp"
#include "sim/cluster/cluster.hpp"

namespace barnabas::sim {
namespace {

constexpr int kAttempts = 600;
constexpr std::int32_t kEpochs = 12;  // Of each partition, from the present one back.

struct Led {
  TopicPartition partition;
  std::int32_t epoch = 0;
  const PartitionOracle* oracle = nullptr;
};

std::vector<Led> led_by(std::int32_t broker, const ClusterOracle& oracle) {
  std::vector<Led> led;
  for (const auto& [partition, state] : oracle.znodes().states()) {
    const PartitionOracle* judged = state.leader == broker ? oracle.find(partition) : nullptr;
    if (judged == nullptr || judged->log(broker) == nullptr || oracle.is_compacted(partition)) continue;
    led.push_back({partition, state.leader_epoch, judged});
  }
  return led;
}

struct End {
  std::int32_t epoch = -1;
  std::int64_t offset = -1;
  bool operator==(const End&) const = default;
};

// KIP-279, told by the batches alone: the largest epoch not above the one asked for, and where the next one begins. The
// present epoch of a leader ends with its log, written in or not.
End expected(const Led& led, std::int32_t broker, std::int32_t asked) {
  const ReplicaView& view = *led.oracle->view(broker);
  if (asked >= led.epoch) return {led.epoch, view.log_end};
  End floor;
  for (const BatchHead& batch : led.oracle->log(broker)->batches()) {
    if (batch.last < view.log_start) continue;
    if (batch.epoch > asked) {
      const std::int64_t begins = std::max(batch.base, view.log_start);
      return floor.epoch < 0 ? End{asked, begins} : End{floor.epoch, begins};
    }
    floor.epoch = batch.epoch;
  }
  return {floor.epoch < 0 ? asked : floor.epoch, view.log_end};
}

protocol::OffsetForLeaderEpochRequest question(const std::vector<Led>& led, std::int32_t back) {
  protocol::OffsetForLeaderEpochRequest request;
  for (const Led& one : led) {
    if (one.epoch < back) continue;
    auto& topic = request.topics.emplace_back();
    topic.topic = protocol::String(one.partition.topic);
    auto& wanted = topic.partitions.emplace_back();
    wanted.partition = one.partition.partition.value();
    wanted.current_leader_epoch = one.epoch;
    wanted.leader_epoch = one.epoch - back;
  }
  return request;
}

std::string difference(const std::vector<Led>& led, std::int32_t broker, std::int32_t back,
                       const protocol::OffsetForLeaderEpochResponse& answer) {
  auto topic = answer.topics.begin();
  for (const Led& one : led) {
    if (one.epoch < back) continue;
    const std::string where = one.partition.to_string() + ", epoch " + std::to_string(one.epoch - back) + ": ";
    if (topic == answer.topics.end() || topic->partitions.size() != 1) return where + "no answer";
    const auto& told = topic->partitions.front();
    ++topic;
    if (told.error_code != protocol::ErrorCode::none) return where + std::string(protocol::name_of(told.error_code));
    const End right = expected(one, broker, one.epoch - back);
    if (End{told.leader_epoch, told.end_offset} == right) continue;
    return where + "(" + std::to_string(told.leader_epoch) + ", " + std::to_string(told.end_offset) + ") instead of (" +
           std::to_string(right.epoch) + ", " + std::to_string(right.offset) + ")";
  }
  return "";
}

// Empty: none.
Task<std::string> ask(client::Connection& connection, std::int32_t broker, const ClusterOracle& oracle) {
  const std::vector<Led> led = led_by(broker, oracle);
  for (std::int32_t back = 0; back < kEpochs; ++back) {
    auto request = question(led, back);
    if (request.topics.empty()) break;
    const auto answer = co_await connection.call(std::move(request));
    if (!answer) co_return answer.error().to_string();
    const std::string found = difference(led, broker, back, **answer);
    if (!found.empty()) co_return found;
  }
  co_return "";
}

}  // namespace

Task<Result<void>> epoch_ends_as_in_log(env::Env env, std::string host, std::int32_t broker,
                                        const ClusterOracle& oracle) {
  const env::Endpoint endpoint{std::move(host), kBrokerPort};
  std::string last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const client::ConnectionOptions options;
    const auto connected = co_await client::Connection::connect(env, endpoint, options);
    if (connected) {
      const std::shared_ptr<client::Connection> connection = *connected;
      last = co_await ask(*connection, broker, oracle);
    } else {
      last = connected.error().to_string();
    }
    if (last.empty()) co_return Result<void>{};
    co_await env.clock.sleep_for(100ms);
  }
  co_return fail(Errc::timed_out, "it tells another end of " + last);
}

}  // namespace barnabas::sim
