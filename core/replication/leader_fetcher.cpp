#include "core/replication/leader_fetcher.hpp"

#include <algorithm>

#include "core/async/gather.hpp"
#include "core/base/mutant.hpp"
#include "core/env/timeout.hpp"

namespace barnabas::replication {
namespace {

using protocol::ErrorCode;

constexpr Duration kFirstBackoff = std::chrono::milliseconds(20);
constexpr Duration kConnectTimeout = std::chrono::seconds(10);
// Partitions of one answer that are appended at the same time: each may wait for its sync.
constexpr std::int64_t kAppendsAtOnce = 32;
// Fetch by topic ids instead of names (KIP-516).
constexpr std::int16_t kFirstFetchWithIds = 13;
// What an answer may hold beyond the bytes asked for: a first batch that is larger, and all that is not records.
constexpr std::size_t kAnswerMargin = 100 * 1024 * 1024;

// How long the second connection waits for news: the next newcomer, or the first connection, may be waiting for it.
constexpr Duration kNewcomersWait = std::chrono::milliseconds(10);
// A throttled partition is looked at again.
constexpr Duration kThrottlePause = std::chrono::milliseconds(200);

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;

bool is_about_the_peer(Errc code) {
  return code == Errc::connection_refused || code == Errc::connection_reset || code == Errc::end_of_stream;
}

}  // namespace

LeaderFetcher::LeaderFetcher(env::Env env, PartitionTable& partitions, const SelfInfo& self,
                             const ReplicationOptions& options, const Hooks& hooks, ReplicationThrottle& throttle,
                             BrokerId leader)
    : env_(env),
      table_(partitions),
      self_(self),
      options_(options),
      hooks_(hooks),
      throttle_(throttle),
      leader_(leader),
      changed_(env.executor),
      connects_(env.executor),
      scope_(env.executor) {
  lanes_[1].index = 1;
}

void LeaderFetcher::report(env::LogLevel level, const std::string& line) {
  if (env_.logger.enabled(level)) env_.logger.log(level, "fetcher of " + std::to_string(leader_.value()), line);
}

void LeaderFetcher::start() {
  for (Lane& lane : lanes_) scope_.spawn(run(lane));
}

Task<void> LeaderFetcher::stop() {
  stopping_ = true;
  connects_.cancel();
  for (const auto& connecting : connecting_) {
    if (connecting) connecting->set();
  }
  for (Lane& lane : lanes_) {
    if (lane.connection) lane.connection->close();
  }
  changed_.notify_all();
  co_await scope_.join();
}

void LeaderFetcher::kick() {
  for (Lane& lane : lanes_) {
    lane.backoff = {};
    lane.retry_at = {};
    const auto now_at = hooks_.address_of(leader_);
    if (lane.connection && now_at && lane.connection->endpoint() != *now_at) lane.connection->close();
  }
  for (const TopicPartition& id : waiting_) {
    Followed& followed = *partitions_.at(id);
    followed.backoff = {};
    followed.retry_at = {};
  }
  changed_.notify_all();
}

void LeaderFetcher::follow(std::shared_ptr<Partition> partition, bool same_leader) {
  const TopicPartition id = partition->id();
  unfollow(id);
  auto entry = std::make_shared<Followed>();
  entry->epoch = partition->leader_epoch();
  entry->same_leader = same_leader;
  entry->partition = std::move(partition);
  partitions_[id] = std::move(entry);
  waiting_.insert(id);
  changed_.notify_all();
}

void LeaderFetcher::unfollow(const TopicPartition& id) {
  const auto found = partitions_.find(id);
  if (found == partitions_.end()) return;
  const Entry entry = found->second;
  entry->gone = true;
  if (entry->lane != kNoLane) lanes_[static_cast<std::size_t>(entry->lane)].session.drop(id);
  waiting_.erase(id);
  partitions_.erase(found);
}

// ----- What a lane does next -----

// The second lane works only while the first one waits for news; the first one then takes over what the second has.
bool LeaderFetcher::may_work(const Lane& lane) const {
  if (lane.index > 0) return lanes_[0].polling;
  return !lanes_[1].busy || lanes_[1].connection == nullptr;
}

bool LeaderFetcher::has_work(const Lane& lane) const {
  const Instant now = env_.clock.now();
  if (lane.retry_at > now || !may_work(lane)) return false;
  if (!lane.session.empty()) return true;
  if (lane.index == 0 && !lanes_[1].busy && !lanes_[1].session.empty()) return true;
  return std::ranges::any_of(waiting_,
                             [&](const TopicPartition& id) { return partitions_.at(id)->retry_at <= now; });
}

void LeaderFetcher::take_work(Lane& lane) {
  const Instant now = env_.clock.now();
  const auto take_in = [&](const TopicPartition& id) {
    Followed& followed = *partitions_.at(id);
    followed.lane = lane.index;
    followed.paused = false;
    lane.session.put(id, state_of(followed));
  };
  const bool exceeded = throttle_.exceeded(now);
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    Followed& followed = *partitions_.at(*it);
    if (exceeded && followed.paused && followed.retry_at <= now) followed.retry_at = now + kThrottlePause;
    if (followed.retry_at > now) {
      ++it;
      continue;
    }
    take_in(*it);
    it = waiting_.erase(it);
  }
  if (lane.index != 0 || lanes_[1].busy || lanes_[1].session.empty()) return;
  FollowerSession& other = lanes_[1].session;
  std::vector<TopicPartition> moving;
  for (const auto& [id, state] : other.wanted()) moving.push_back(id);
  for (const TopicPartition& id : moving) {
    other.drop(id);
    take_in(id);
  }
}

Task<void> LeaderFetcher::wait_for_work(const Lane& lane) {
  Instant next = Instant::max();
  const Instant now = env_.clock.now();
  if (lane.retry_at > now) next = lane.retry_at;
  // Else whoever is in the way tells when it is not.
  if (may_work(lane)) {
    for (const TopicPartition& id : waiting_) {
      next = std::min(next, std::max(partitions_.at(id)->retry_at, lane.retry_at));
    }
  }
  if (next == Instant::max()) {
    co_await changed_.wait();
  } else {
    co_await env::wait_until(env_.executor, env_.clock, changed_, next);
  }
}

void LeaderFetcher::back_off(Lane& lane) {
  lane.backoff = std::min(std::max(lane.backoff * 2, kFirstBackoff), options_.fetch_backoff);
  lane.retry_at = env_.clock.now() + lane.backoff;
}

Task<void> LeaderFetcher::run(Lane& lane) {
  while (!stopping_) {
    if (!has_work(lane)) {
      co_await wait_for_work(lane);
      continue;
    }
    take_work(lane);
    if (lane.session.empty()) continue;  // All are throttled.
    lane.busy = true;
    const bool done = co_await work(lane);
    lane.busy = false;
    if (done) {
      lane.backoff = {};
    } else {
      back_off(lane);
    }
    if (lane.index > 0) changed_.notify_all();
  }
}

// ----- One request and its answer. False: not so soon again. -----

Task<bool> LeaderFetcher::work(Lane& lane) {
  if (!lane.connection || lane.connection->broken()) {
    lane.session.reset();
    const bool connected = co_await connect(lane);
    if (!connected) co_return false;
  }
  auto reply = co_await fetch(lane);
  if (stopping_) co_return false;
  if (!reply) {
    broke(lane, reply.error());
    co_return false;
  }
  co_return co_await take_answer(lane, *std::move(reply));
}

Task<void> LeaderFetcher::connect_into(LeaderFetcher& fetcher, env::Endpoint to, Lane& lane,
                                       std::shared_ptr<Event> done) {
  client::ConnectionOptions options;
  options.client_id = "broker-" + std::to_string(fetcher.self_.id.value()) + "-fetcher-" + std::to_string(lane.index);
  options.connect_timeout = std::min(kConnectTimeout, fetcher.options_.socket_timeout);
  options.request_timeout = fetcher.options_.socket_timeout;
  options.max_response_bytes = static_cast<std::size_t>(std::max(fetcher.options_.fetch_max_bytes, 0)) + kAnswerMargin;
  auto connected = co_await client::Connection::connect(fetcher.env_, to, options);
  if (connected) {
    lane.connection = *std::move(connected);
    fetcher.reported_ = false;
  } else {
    fetcher.broke(lane, connected.error());
  }
  done->set();
}

Task<bool> LeaderFetcher::connect(Lane& lane) {
  lane.connection.reset();
  const auto at = hooks_.address_of(leader_);
  if (!at || stopping_) co_return false;
  const auto done = std::make_shared<Event>(env_.executor);
  connecting_[lane.index] = done;
  connects_.spawn(connect_into(*this, *at, lane, done));
  co_await done->wait();
  co_return lane.connection != nullptr && !stopping_;
}

void LeaderFetcher::broke(Lane& lane, const Error& error) {
  lane.connection.reset();
  lane.session.reset();
  if (stopping_) return;
  if (!std::exchange(reported_, true)) report(env::LogLevel::info, "no connection: " + error.to_string());
  if (is_about_the_peer(error.code) && hooks_.peer_failed) hooks_.peer_failed(leader_);
}

Task<Result<client::Reply<protocol::FetchResponse>>> LeaderFetcher::fetch(Lane& lane) {
  const std::shared_ptr<client::Connection> connection = lane.connection;
  const std::int16_t cap = lane.session.has_ids() ? protocol::FetchRequest::kMaxVersion : kFirstFetchWithIds - 1;
  B_CO_TRY(const std::int16_t version, connection->version_of<protocol::FetchRequest>(cap));
  protocol::FetchRequest request;
  request.replica_id = request.replica_state.replica_id = self_.id.value();
  request.replica_state.replica_epoch = self_.epoch;
  const Duration most = lane.index == 0 ? options_.fetch_wait : std::min(options_.fetch_wait, kNewcomersWait);
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(most);
  request.max_wait_ms = static_cast<std::int32_t>(wait.count());
  request.min_bytes = options_.fetch_min_bytes;
  request.max_bytes = options_.fetch_max_bytes;
  if (BARNABAS_MUTANT(fetch_sessions_are_not_kept)) lane.session.reset();
  lane.session.fill(request, version >= kFirstFetchWithIds);
  B_CO_TRY(client::Ticket ticket, connection->begin(request, version, options_.fetch_wait + options_.socket_timeout));
  lane.polling = true;
  if (lane.index == 0 && (!waiting_.empty() || !lanes_[1].session.empty())) changed_.notify_all();
  auto reply = co_await connection->finish<protocol::FetchResponse>(std::move(ticket));
  lane.polling = false;
  co_return reply;
}

// Null: it follows nobody, another one, or in another epoch by now, or its log is not where it was.
LeaderFetcher::Entry LeaderFetcher::expected(const Lane& lane, const TopicPartition& id) const {
  const auto found = partitions_.find(id);
  const FetchState* asked = lane.session.asked(id);
  if (found == partitions_.end() || asked == nullptr) return nullptr;
  const Followed& followed = *found->second;
  const bool same = followed.lane == lane.index && followed.epoch == asked->leader_epoch &&
                    followed.partition->topic_id() == asked->topic_id &&
                    followed.partition->log_end_offset() == asked->offset;
  return same ? found->second : nullptr;
}

Task<bool> LeaderFetcher::take_answer(Lane& lane, client::Reply<protocol::FetchResponse> reply) {
  const protocol::FetchResponse& response = *reply;
  if (!lane.session.accept(response)) co_return false;
  if (response.error_code != ErrorCode::none) {
    report(env::LogLevel::info, "answered with " + std::string(name_of(response.error_code)));
    lane.session.reset();
    co_return false;
  }
  Round round;
  std::vector<Task<Result<void>>> taking;
  for (const auto& topic : response.responses) {
    const std::string* by_id = lane.session.name_of(topic.topic_id);
    TopicPartition id{topic.topic.str(), PartitionId(0)};
    if (reply.version >= kFirstFetchWithIds) id.topic = by_id == nullptr ? std::string() : *by_id;
    for (const auto& data : topic.partitions) {
      id.partition = PartitionId(data.partition_index);
      Entry entry = expected(lane, id);
      if (!entry) continue;
      Answer answer{data.error_code, Offset(data.high_watermark), Offset(data.log_start_offset), {}, {}};
      if (data.diverging_epoch.epoch >= 0) {
        answer.diverging =
            log::EpochEnd{LeaderEpoch(data.diverging_epoch.epoch), Offset(data.diverging_epoch.end_offset)};
      }
      if (data.records && !data.records->empty()) {
        const ByteView bytes = data.records->view();
        // A part of the frame: the bytes go from the socket to the file in one piece of memory.
        answer.records = reply.frame.slice(static_cast<std::size_t>(bytes.data() - reply.frame.data()), bytes.size());
      }
      taking.push_back(take(lane, round, std::move(entry), std::move(answer)));
    }
  }
  (void)co_await gather(env_.executor, std::move(taking), kAppendsAtOnce);
  bool done = true;
  if (!round.out_of_range.empty()) {
    round.cut = true;
    done = co_await find_range(lane, std::move(round.out_of_range));
  }
  if (round.cut) (void)co_await table_.checkpoint();  // A failing disk tells of itself with the next append.
  co_return done;
}

Task<Result<void>> LeaderFetcher::take(Lane& lane, Round& round, Entry entry, Answer answer) {
  if (answer.error == ErrorCode::offset_out_of_range) {
    round.out_of_range.push_back(std::move(entry));
    co_return Result<void>{};
  }
  if (answer.error != ErrorCode::none) {
    report(env::LogLevel::debug, entry->partition->id().to_string() + ": " + std::string(name_of(answer.error)));
    try_later(lane, entry);
    co_return Result<void>{};
  }
  const std::shared_ptr<Partition> partition = entry->partition;
  const LeaderEpoch epoch = entry->epoch;
  Result<void> done;
  if (hooks_.throttled && hooks_.throttled(partition->id()) && answer.high_watermark > partition->log_end_offset()) {
    throttle_.record(answer.records.size(), env_.clock.now());
  }
  if (answer.diverging) {
    const log::EpochEnd end = *answer.diverging;
    round.cut = true;
    done = co_await partition->truncate_as_follower(epoch, end);
  } else {
    const Offset high_watermark = answer.high_watermark;
    const Offset log_start = answer.log_start;
    const Offset before = partition->log_end_offset();
    const bool had_records = !answer.records.empty();
    Buffer records = std::move(answer.records);
    done = co_await partition->append_as_follower(epoch, std::move(records), high_watermark, log_start);
    if (done && had_records && partition->log_end_offset() == before) {
      done = fail(Errc::corrupt, partition->id().to_string() + ": the leader's answer holds no batch that follows");
    }
  }
  if (done) {
    go_on(lane, entry, answer.high_watermark);
  } else {
    failed(lane, entry, done.error());
  }
  co_return Result<void>{};
}

FetchState LeaderFetcher::state_of(const Followed& followed) const {
  const Partition& partition = *followed.partition;
  FetchState state;
  state.topic_id = partition.topic_id();
  state.leader_epoch = followed.epoch;
  state.offset = partition.log_end_offset();
  const bool silent = followed.same_leader && BARNABAS_MUTANT(same_leader_needs_no_truncation);
  state.last_epoch = silent ? kNoLeaderEpoch : partition.last_fetched_epoch();
  state.log_start = partition.log_start_offset();
  state.high_watermark = partition.high_watermark();
  state.max_bytes = BARNABAS_MUTATE(followers_fetch_little, options_.partition_max_bytes, std::int32_t{2000});
  return state;
}

void LeaderFetcher::go_on(Lane& lane, const Entry& entry, Offset leader_high_watermark) {
  if (entry->gone) return;
  entry->backoff = {};
  const TopicPartition& id = entry->partition->id();
  const bool behind = leader_high_watermark > entry->partition->log_end_offset();
  if (behind && hooks_.throttled && hooks_.throttled(id) && throttle_.exceeded(env_.clock.now())) {
    release(lane, entry);
    entry->paused = true;
    entry->retry_at = env_.clock.now() + kThrottlePause;
    waiting_.insert(id);
    return;
  }
  if (entry->lane == lane.index) lane.session.put(id, state_of(*entry));
}

void LeaderFetcher::release(Lane& lane, const Entry& entry) {
  if (entry->lane != lane.index) return;
  lane.session.drop(entry->partition->id());
  entry->lane = kNoLane;
}

void LeaderFetcher::try_later(Lane& lane, const Entry& entry) {
  if (entry->gone) return;
  release(lane, entry);
  entry->backoff = std::min(std::max(entry->backoff * 2, kFirstBackoff), options_.fetch_backoff);
  entry->retry_at = env_.clock.now() + entry->backoff;
  waiting_.insert(entry->partition->id());
}

void LeaderFetcher::failed(Lane& lane, const Entry& entry, const Error& error) {
  if (entry->gone) return;
  const bool over = error.code == Errc::fenced_leader_epoch || error.code == Errc::closed;
  const TopicPartition id = entry->partition->id();
  if (!over) report(env::LogLevel::warn, id.to_string() + " is not replicated: " + error.to_string());
  // Until the controller's next word.
  if (over || error.code == Errc::storage_failed) return unfollow(id);
  try_later(lane, entry);
}

// ----- A log that lies outside of its leader's (KAFKA-2143) -----

Task<bool> LeaderFetcher::find_range(Lane& lane, std::vector<Entry> entries) {
  const std::shared_ptr<client::Connection> connection = lane.connection;
  const auto ends = co_await list_offsets(connection, entries, kLatest);
  const auto starts = co_await list_offsets(connection, entries, kEarliest);
  if (!ends || !starts) {
    for (const Entry& entry : entries) try_later(lane, entry);
    broke(lane, ends ? starts.error() : ends.error());
    co_return false;
  }
  for (const Entry& entry : entries) {
    const TopicPartition id = entry->partition->id();
    const auto end = ends->find(id);
    const auto start = starts->find(id);
    if (end == ends->end() || start == starts->end()) {
      try_later(lane, entry);
      continue;
    }
    report(env::LogLevel::info, id.to_string() + " [" + std::to_string(entry->partition->log_start_offset().value()) +
                                    ", " + std::to_string(entry->partition->log_end_offset().value()) +
                                    ") lies outside of the leader's [" + std::to_string(start->second.value()) + ", " +
                                    std::to_string(end->second.value()) + ")");
    const Offset before = entry->partition->log_end_offset();
    const auto reset = co_await entry->partition->reset_as_follower(entry->epoch, start->second, end->second);
    if (!reset) {
      failed(lane, entry, reset.error());
    } else if (entry->partition->log_end_offset() == before) {
      try_later(lane, entry);  // The leader has moved meanwhile, or refuses for a reason of its own.
    } else {
      go_on(lane, entry, entry->partition->log_end_offset());
    }
  }
  co_return true;
}

// Those that the leader told.
Task<Result<std::map<TopicPartition, Offset>>> LeaderFetcher::list_offsets(
    std::shared_ptr<client::Connection> connection, std::vector<Entry> entries, std::int64_t timestamp) {
  protocol::ListOffsetsRequest request;
  request.replica_id = self_.id.value();
  for (const Entry& entry : entries) {
    const TopicPartition& id = entry->partition->id();
    const bool another = request.topics.empty() || request.topics.back().name != id.topic;
    if (another) request.topics.emplace_back().name = id.topic;
    auto& row = request.topics.back().partitions.emplace_back();
    row.partition_index = id.partition.value();
    row.current_leader_epoch = entry->epoch.value();
    row.timestamp = timestamp;
  }
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  std::map<TopicPartition, Offset> offsets;
  for (const auto& topic : reply->topics) {
    for (const auto& row : topic.partitions) {
      if (row.error_code != ErrorCode::none || row.offset < 0) continue;
      offsets.emplace(TopicPartition{topic.name.str(), PartitionId(row.partition_index)}, Offset(row.offset));
    }
  }
  co_return offsets;
}

}  // namespace barnabas::replication
