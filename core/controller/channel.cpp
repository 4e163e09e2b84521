#include "core/controller/channel.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/controller/peers.hpp"
#include "core/env/timeout.hpp"

namespace barnabas::controller {

namespace {

using protocol::ErrorCode;

constexpr Duration kFirstBackoff = std::chrono::milliseconds(100);
constexpr Duration kMaxBackoff = std::chrono::seconds(1);
// After an answer that says to try again.
constexpr Duration kAfterRefusal = std::chrono::milliseconds(500);

// It cannot have the partition: the directory of its log has failed, or another topic's log is there under its name.
bool has_no_log(ErrorCode error) {
  return error == ErrorCode::kafka_storage_error || error == ErrorCode::inconsistent_topic_id;
}

// The broker knows all that it needs of the partition: it took the state, or has this one or a newer one already.
bool is_settled(ErrorCode error) {
  return error == ErrorCode::none || error == ErrorCode::stale_controller_epoch ||
         error == ErrorCode::fenced_leader_epoch || has_no_log(error);
}

}  // namespace

Channel::Channel(env::Env env, const ControllerState& state, Listener& listener, InterBroker by,
                 Duration request_timeout, metadata::BrokerInfo broker, LocalBroker* local)
    : env_(env),
      state_(state),
      listener_(listener),
      by_(std::move(by)),
      request_timeout_(request_timeout),
      broker_(std::move(broker)),
      local_(local),
      news_(env.executor),
      progress_(env.executor),
      watch_scope_(env.executor),
      scope_(env.executor) {
  scope_.spawn(run());
}

Channel::~Channel() = default;

void Channel::warn(const std::string& line) const {
  env_.logger.log(env::LogLevel::warn, "controller", "broker " + std::to_string(broker_.id.value()) + ": " + line);
}

void Channel::note() {
  ++noted_;
  news_.notify_all();
}

void Channel::tell_all() {
  roles_.all = true;
  metadata_.all = true;
  note();
}
void Channel::tell_roles(const TopicPartition& id, bool is_new) {
  roles_.which[id] |= is_new;
  if (is_new) new_.insert(id);
  note();
}
void Channel::tell_all_roles() {
  roles_.all = true;
  note();
}
void Channel::tell_metadata(const TopicPartition& id) {
  metadata_.which.insert(id);
  if (BARNABAS_MUTANT(metadata_told_in_full)) metadata_.all = true;
  note();
}
void Channel::tell_brokers() {
  metadata_.brokers = true;
  note();
}
void Channel::tell_gone(Tombstone tombstone) {
  gone_.push_back(std::move(tombstone));
  note();
}
void Channel::tell_stop(const TopicPartition& id, Stop stop) {
  Stop& present = stops_[id];
  present.remove |= stop.remove;
  present.with_topic |= stop.with_topic;
  note();
}

void Channel::moved(metadata::BrokerInfo broker) {
  readdressed_ = endpoint_of(broker, by_) != endpoint_of(broker_, by_);
  broker_ = std::move(broker);
  news_.notify_all();
}

Task<void> Channel::told(std::uint64_t up_to) {
  while (told_ < up_to) co_await progress_.wait();
}

Task<void> Channel::run() {
  while (true) {
    if (local_ == nullptr && (connection_ == nullptr || connection_->broken() || readdressed_)) {
      const bool connected = co_await connect();
      if (!connected) continue;
    }
    if (!has_news()) {
      told_ = noted_;
      progress_.notify_all();
      co_await news_.wait();
      continue;
    }
    const std::uint64_t up_to = noted_;
    const bool answered = co_await send_round();
    if (answered) {
      told_ = up_to;
      progress_.notify_all();
    } else if (local_ != nullptr || !connection_->broken()) {
      co_await env_.clock.sleep_for(kAfterRefusal);
    }
  }
}

// Waits before it returns false.
Task<bool> Channel::connect() {
  readdressed_ = false;
  watch_scope_.cancel();
  connection_.reset();
  const auto at = endpoint_of(broker_, by_);
  if (!at) {
    warn("it has no listener for other brokers; see inter.broker.listener.name");
    co_await env_.clock.sleep_for(kMaxBackoff);
    co_return false;
  }
  client::ConnectionOptions options;
  options.client_id = std::to_string(state_.self.value());
  options.request_timeout = request_timeout_;
  auto made = co_await client::Connection::connect(env_, *at, std::move(options));
  if (made) {
    connection_ = std::move(*made);
    refusals_ = 0;
    backoff_ = Duration{};
    watch_scope_.spawn(watch(connection_));
    listener_.reached(broker_.id, broker_.epoch);
    co_return true;
  }
  refusals_ = made.error().code == Errc::connection_refused ? refusals_ + 1 : 0;
  if (refusals_ >= 2) listener_.refused(broker_.id, broker_.epoch);
  if (refusals_ == 1) {
    co_await env_.clock.sleep_for(kSecondProbe);
    co_return false;
  }
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, kMaxBackoff);
  co_await env_.clock.sleep_for(backoff_);
  co_return false;
}

Task<void> Channel::watch(std::shared_ptr<client::Connection> connection) {
  co_await connection->ended();
  news_.notify_all();
}

Task<bool> Channel::send_round() {
  bool good = gone_.empty() || co_await send_gone();
  if (good && !roles_.empty()) good = co_await send_roles();
  if (good && !metadata_.empty()) good = co_await send_metadata();
  if (good && !stops_.empty()) good = co_await send_stops();
  co_return good;
}

bool Channel::good(ErrorCode error, const char* what) const {
  if (error == ErrorCode::none) return true;
  warn(std::string(what) + " was refused with " + std::string(protocol::name_of(error)));
  return false;
}

Task<Result<protocol::LeaderAndIsrResponse>> Channel::call_local(protocol::LeaderAndIsrRequest request) {
  co_return co_await local_->leader_and_isr(std::move(request));
}
Task<Result<protocol::UpdateMetadataResponse>> Channel::call_local(protocol::UpdateMetadataRequest request) {
  co_return co_await local_->update_metadata(std::move(request));
}
Task<Result<protocol::StopReplicaResponse>> Channel::call_local(protocol::StopReplicaRequest request) {
  co_return co_await local_->stop_replica(std::move(request));
}

// The answers that come over the network borrow from their frame; what is used of them below are numbers, and topic ids
// and names that are copied at once.
template <class Request>
Task<Result<typename Request::Response>> Channel::call(Request request) {
  if (local_ != nullptr) co_return co_await call_local(std::move(request));
  const auto connection = connection_;
  auto reply = co_await connection->call(std::move(request));
  if (!reply) {
    connection->close();
    co_return std::unexpected(std::move(reply).error());
  }
  if constexpr (std::is_same_v<Request, protocol::StopReplicaRequest>) {
    for (auto& one : reply->message.partition_errors) one.topic_name = one.topic_name.to_owned();
  }
  if constexpr (std::is_same_v<Request, protocol::LeaderAndIsrRequest>) {
    for (auto& one : reply->message.partition_errors) one.topic_name = one.topic_name.to_owned();
  }
  co_return std::move(reply->message);
}

Task<bool> Channel::send_gone() {
  const std::vector<Tombstone> gone = std::exchange(gone_, {});
  auto request = update_metadata(state_, broker_, gone);
  const auto response = co_await call(std::move(request));
  if (response && good(response->error_code, "UpdateMetadata")) co_return true;
  gone_.insert(gone_.begin(), gone.begin(), gone.end());
  co_return false;
}

Task<bool> Channel::send_roles() {
  Roles asked = std::exchange(roles_, {});
  if (asked.all) {
    for (const auto& [name, topic] : state_.topics) {
      for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
        if (!topic.partitions[i].has_replica(broker_.id)) continue;
        asked.which.try_emplace({name, PartitionId(static_cast<std::int32_t>(i))}, false);
      }
    }
  }
  for (auto& [id, is_new] : asked.which) is_new = is_new || new_.contains(id);
  auto request = leader_and_isr(state_, broker_, asked.which, by_);
  if (request.topic_states.empty() && !asked.all) co_return true;
  const auto response = co_await call(std::move(request));
  if (response && good(response->error_code, "LeaderAndIsr")) co_return take_roles_answer(*response, asked);
  roles_.all |= asked.all;
  for (const auto& [id, is_new] : asked.which) roles_.which[id] |= is_new;
  co_return false;
}

bool Channel::take_roles_answer(const protocol::LeaderAndIsrResponse& response, const Roles& asked) {
  std::vector<Listener::LogStatus> logs;
  bool all_settled = true;
  const auto take = [&](const TopicPartition& id, ErrorCode error) {
    if (!asked.which.contains(id)) return;
    if (error == ErrorCode::none) new_.erase(id);
    if (error == ErrorCode::none || has_no_log(error)) logs.push_back({id, has_no_log(error)});
    if (is_settled(error)) return;
    warn("LeaderAndIsr of " + id.to_string() + " was refused with " + std::string(protocol::name_of(error)));
    all_settled = false;
    roles_.which[id] |= asked.which.at(id);
  };
  for (const auto& topic : response.topics) {
    const auto name = state_.names.find(topic.topic_id);
    if (name == state_.names.end()) continue;
    for (const auto& one : topic.partition_errors) {
      take({name->second, PartitionId(one.partition_index)}, one.error_code);
    }
  }
  for (const auto& one : response.partition_errors) {
    take({one.topic_name.str(), PartitionId(one.partition_index)}, one.error_code);
  }
  listener_.logs_answered(broker_.id, std::move(logs));
  return all_settled;
}

Task<bool> Channel::send_metadata() {
  const Metadata asked = std::exchange(metadata_, {});
  auto request = update_metadata(state_, broker_, asked.which, asked.all);
  const auto response = co_await call(std::move(request));
  if (response && good(response->error_code, "UpdateMetadata")) co_return true;
  metadata_.all |= asked.all;
  metadata_.brokers |= asked.brokers;
  metadata_.which.insert(asked.which.begin(), asked.which.end());
  co_return false;
}

Task<bool> Channel::send_stops() {
  std::map<TopicPartition, Stop> asked = std::exchange(stops_, {});
  auto request = stop_replica(state_, broker_, asked);
  if (request.topic_states.empty()) co_return true;
  const auto response = co_await call(std::move(request));
  if (response && good(response->error_code, "StopReplica")) {
    co_return take_stops_answer(*response, std::move(asked));
  }
  for (const auto& [id, stop] : asked) {
    Stop& present = stops_[id];
    present.remove |= stop.remove;
    present.with_topic |= stop.with_topic;
  }
  co_return false;
}

bool Channel::take_stops_answer(const protocol::StopReplicaResponse& response, std::map<TopicPartition, Stop> asked) {
  std::vector<Listener::Stopped> answers;
  bool all = true;
  for (const auto& one : response.partition_errors) {
    const TopicPartition id{one.topic_name.str(), PartitionId(one.partition_index)};
    const auto found = asked.find(id);
    if (found == asked.end()) continue;
    // The epoch has moved on since the request was made: say it again with the new one.
    if (one.error_code == ErrorCode::fenced_leader_epoch) {
      stops_[id] = found->second;
      all = false;
    } else {
      answers.push_back({id, found->second.remove, one.error_code});
    }
  }
  listener_.replicas_stopped(broker_.id, std::move(answers));
  return all;
}

}  // namespace barnabas::controller
