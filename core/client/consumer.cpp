#include "core/client/consumer.hpp"

#include <set>

#include "core/client/fetched_batches.hpp"
#include "core/protocol/messages/02_list_offsets.hpp"

namespace barnabas::client {
namespace {

// After a poll that met nothing but problems.
constexpr Duration kRetryBackoff = std::chrono::milliseconds(100);
// Fetch by topic ids instead of names (KIP-516).
constexpr std::int16_t kFirstFetchWithIds = 13;
// The first version that returns magic 2.
constexpr std::int16_t kFirstFetchOfMagic2 = 4;

}  // namespace

// One poll: who is asked for what, and what came back.
struct Consumer::Round {
  struct Asked {
    std::shared_ptr<Connection> connection;
    Ticket ticket;
    std::vector<TopicPartition> partitions;
  };
  std::map<BrokerId, std::vector<TopicPartition>> by_leader;
  std::vector<Asked> asked;
  struct Place {
    Offset offset;
    BrokerId leader;
    LeaderEpoch epoch;
  };
  std::map<TopicPartition, Place> places;  // As asked for.
  std::set<TopicPartition> answered;
  Polled polled;
};

Consumer::Consumer(Cluster& cluster, ConsumerOptions options) : cluster_(cluster), options_(options) {}

void Consumer::assign(const TopicPartition& partition, Offset from) { positions_.insert_or_assign(partition, from); }

void Consumer::unassign(const TopicPartition& partition) { positions_.erase(partition); }

std::optional<Offset> Consumer::position(const TopicPartition& partition) const {
  const auto found = positions_.find(partition);
  return found == positions_.end() ? std::nullopt : std::optional(found->second);
}

Task<Polled> Consumer::poll() {
  Round round;
  if (backoff_) co_await cluster_.env().clock.sleep_for(kRetryBackoff);
  if (!positions_.empty()) {
    co_await prepare(round);
    co_await collect(round);
  }
  backoff_ = !round.polled.problems.empty() && round.polled.records.empty();
  co_return std::move(round.polled);
}

void Consumer::note_problem(Round& round, const TopicPartition& partition, protocol::ErrorCode error,
                            std::optional<Error> problem) {
  round.polled.problems.push_back({partition, error, std::move(problem)});
  // An offset out of range is the caller's to mend; for everything else the leader may have moved.
  if (error != protocol::ErrorCode::offset_out_of_range) stale_metadata_ = true;
}

Task<void> Consumer::prepare(Round& round) {
  std::set<std::string> topics;
  for (const auto& [partition, offset] : positions_) {
    topics.insert(partition.topic);
    if (cluster_.partition(partition) == nullptr) stale_metadata_ = true;
  }
  if (stale_metadata_) {
    std::vector<std::string> names(topics.begin(), topics.end());
    stale_metadata_ = !(co_await cluster_.refresh(std::move(names))).has_value();
  }
  for (const auto& [partition, offset] : positions_) {
    const PartitionInfo* info = cluster_.partition(partition);
    if (info == nullptr || info->leader == kNoBroker) {
      note_problem(round, partition, protocol::ErrorCode::leader_not_available, std::nullopt);
    } else {
      round.by_leader[info->leader].push_back(partition);
    }
  }
  for (const auto& [leader, partitions] : round.by_leader) {
    const auto asked = co_await ask(round, leader, partitions);
    if (asked) continue;
    for (const TopicPartition& partition : partitions) {
      note_problem(round, partition, protocol::ErrorCode::none, asked.error());
    }
  }
}

Task<Result<void>> Consumer::ask(Round& round, BrokerId leader, std::vector<TopicPartition> partitions) {
  B_CO_TRY(auto connection, co_await cluster_.to_broker(leader));
  bool have_ids = true;
  for (const TopicPartition& partition : partitions) {
    const TopicInfo* topic = cluster_.topic(partition.topic);
    if (topic == nullptr || topic->id.is_zero()) have_ids = false;
  }
  const std::int16_t cap = have_ids ? protocol::FetchRequest::kMaxVersion : kFirstFetchWithIds - 1;
  B_CO_TRY(const std::int16_t version, connection->version_of<protocol::FetchRequest>(cap));
  if (version < kFirstFetchOfMagic2) {
    co_return fail(Errc::unsupported, "the broker returns no batches of magic 2");
  }
  std::erase_if(partitions, [&](const TopicPartition& one) { return !positions_.contains(one); });
  const Duration timeout =
      std::chrono::milliseconds(options_.max_wait_ms) + cluster_.options().connection.request_timeout;
  B_CO_TRY(Ticket ticket, connection->begin(fetch_request(partitions), version, timeout));
  for (const TopicPartition& partition : partitions) {
    const PartitionInfo* info = cluster_.partition(partition);
    const LeaderEpoch epoch = info == nullptr ? kNoLeaderEpoch : info->leader_epoch;
    round.places.insert({partition, {positions_.at(partition), leader, epoch}});
  }
  round.asked.push_back({std::move(connection), std::move(ticket), std::move(partitions)});
  co_return Result<void>();
}

protocol::FetchRequest Consumer::fetch_request(const std::vector<TopicPartition>& partitions) const {
  protocol::FetchRequest request;
  request.max_wait_ms = options_.max_wait_ms;
  request.min_bytes = options_.min_bytes;
  request.max_bytes = options_.max_bytes;
  request.isolation_level = static_cast<std::int8_t>(options_.isolation);
  for (const TopicPartition& partition : partitions) {  // Sorted, so a topic's partitions are neighbours.
    if (request.topics.empty() || request.topics.back().topic != partition.topic) {
      auto& topic = request.topics.emplace_back();
      topic.topic = partition.topic;
      if (const TopicInfo* info = cluster_.topic(partition.topic)) topic.topic_id = info->id;
    }
    auto& wanted = request.topics.back().partitions.emplace_back();
    wanted.partition = partition.partition.value();
    wanted.fetch_offset = positions_.at(partition).value();
    wanted.partition_max_bytes = options_.partition_max_bytes;
    if (const PartitionInfo* info = cluster_.partition(partition)) {
      wanted.current_leader_epoch = info->leader_epoch.value();
    }
  }
  return request;
}

Task<void> Consumer::collect(Round& round) {
  for (Round::Asked& asked : round.asked) {
    const auto reply = co_await asked.connection->finish<protocol::FetchResponse>(asked.ticket);
    if (!reply || (*reply)->error_code != protocol::ErrorCode::none) {
      const auto code = reply ? (*reply)->error_code : protocol::ErrorCode::none;
      const auto problem = reply ? std::nullopt : std::optional(reply.error());
      for (const TopicPartition& partition : asked.partitions) note_problem(round, partition, code, problem);
      continue;
    }
    for (const auto& topic : (*reply)->responses) {
      const std::string* by_id = cluster_.topic_name(topic.topic_id);
      const std::string name =
          reply->version < kFirstFetchWithIds ? topic.topic.str() : (by_id != nullptr ? *by_id : "");
      for (const auto& data : topic.partitions) {
        take_partition(round, {name, PartitionId(data.partition_index)}, data);
      }
    }
    for (const TopicPartition& partition : asked.partitions) {
      if (round.answered.contains(partition)) continue;
      note_problem(round, partition, protocol::ErrorCode::none,
                   Error{Errc::corrupt, "the Fetch response leaves out " + partition.to_string()});
    }
  }
}

void Consumer::take_partition(Round& round, const TopicPartition& partition,
                              const protocol::FetchResponse::PartitionData& data) {
  const auto position = positions_.find(partition);
  const auto asked = round.places.find(partition);
  // Never asked for, told twice, or unassigned or moved while the fetch was under way.
  if (asked == round.places.end() || !round.answered.insert(partition).second) return;
  if (position == positions_.end() || position->second != asked->second.offset) return;
  if (data.error_code != protocol::ErrorCode::none) {
    return note_problem(round, partition, data.error_code, std::nullopt);
  }
  round.polled.states[partition] = {Offset(data.high_watermark), Offset(data.last_stable_offset),
                                    Offset(data.log_start_offset), asked->second.leader, asked->second.epoch};
  FetchedBatches fetched = read_fetched(partition, position->second, data, options_);
  position->second = fetched.next_offset;
  for (ConsumedRecord& record : fetched.records) round.polled.records.push_back(std::move(record));
  if (fetched.problem) note_problem(round, partition, protocol::ErrorCode::none, std::move(fetched.problem));
}

Task<Result<Offset>> Consumer::offset_for(TopicPartition partition, Timestamp timestamp) {
  const PartitionInfo* info = cluster_.partition(partition);
  if (stale_metadata_ || info == nullptr || info->leader == kNoBroker) {
    std::vector<std::string> topics(1, partition.topic);
    B_CO_TRY_VOID(co_await cluster_.refresh(std::move(topics)));
  }
  B_CO_TRY(const auto connection, co_await cluster_.to_leader(partition));
  protocol::ListOffsetsRequest request;
  request.isolation_level = static_cast<std::int8_t>(options_.isolation);
  auto& topic = request.topics.emplace_back();
  topic.name = partition.topic;
  auto& wanted = topic.partitions.emplace_back();
  wanted.partition_index = partition.partition.value();
  wanted.timestamp = timestamp.value();
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  if (reply->topics.size() != 1 || reply->topics[0].partitions.size() != 1) {
    co_return fail(Errc::corrupt, "a ListOffsets response without the partition");
  }
  const auto& answer = reply->topics[0].partitions[0];
  if (answer.error_code != protocol::ErrorCode::none) {
    stale_metadata_ = true;
    co_return fail(Errc::not_leader, "ListOffsets of " + partition.to_string() + ": " +
                                         std::string(protocol::name_of(answer.error_code)));
  }
  if (reply.version == 0) {
    co_return answer.old_style_offsets.empty() ? Offset(-1) : Offset(answer.old_style_offsets.front());
  }
  co_return Offset(answer.offset);
}

}  // namespace barnabas::client
