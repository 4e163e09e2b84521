// GroupConsumer's committed offsets.
#include "core/client/group_consumer.hpp"
#include "core/protocol/messages/08_offset_commit.hpp"
#include "core/protocol/messages/09_offset_fetch.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

// The first OffsetCommit that keeps offsets in the broker and not in ZooKeeper, and the first OffsetFetch for
// several groups.
constexpr std::int16_t kFirstCommitInBroker = 2;
constexpr std::int16_t kFirstFetchOfMany = 8;

using Offsets = std::map<TopicPartition, CommittedOffset>;

// The same fields in both layouts of the response.
template <class Topics>
Result<Offsets> read_offsets(const Topics& topics) {
  Offsets offsets;
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      const TopicPartition id{topic.name.str(), PartitionId(partition.partition_index)};
      if (partition.error_code != ErrorCode::none) {
        return fail(Errc::not_found,
                    "OffsetFetch of " + id.to_string() + ": " + std::string(protocol::name_of(partition.error_code)));
      }
      offsets[id] = {Offset(partition.committed_offset), LeaderEpoch(partition.committed_leader_epoch),
                     partition.metadata ? partition.metadata->str() : ""};
    }
  }
  return offsets;
}

template <class Topics>
void add_partitions(Topics& topics, const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& one : partitions) {
    if (topics.empty() || topics.back().name != one.topic) topics.emplace_back().name = one.topic;
    topics.back().partition_indexes.push_back(one.partition.value());
  }
}

}  // namespace

Task<Result<std::map<TopicPartition, ErrorCode>>> GroupConsumer::commit(std::map<TopicPartition, Offset> offsets) {
  B_CO_TRY(const auto connection, co_await coordinator());
  B_CO_TRY(const std::int16_t version, connection->version_of<protocol::OffsetCommitRequest>());
  if (version < kFirstCommitInBroker) co_return fail(Errc::unsupported, "the broker keeps no offsets");
  protocol::OffsetCommitRequest request;
  request.group_id = options_.group_id;
  request.generation_id_or_member_epoch = generation_;
  request.member_id = member_id_;
  if (options_.instance_id) request.group_instance_id = protocol::String(*options_.instance_id);
  for (const auto& [partition, offset] : offsets) {
    auto& topics = request.topics;
    if (topics.empty() || topics.back().name != partition.topic) topics.emplace_back().name = partition.topic;
    auto& one = topics.back().partitions.emplace_back();
    one.partition_index = partition.partition.value();
    one.committed_offset = offset.value();
    one.committed_metadata = protocol::String("");
  }
  const auto reply = co_await connection->call(std::move(request));
  if (!reply) {
    coordinator_ = nullptr;
    co_return std::unexpected(reply.error());
  }
  std::map<TopicPartition, ErrorCode> answers;
  for (const auto& topic : (*reply)->topics) {
    for (const auto& partition : topic.partitions) {
      answers[{topic.name.str(), PartitionId(partition.partition_index)}] = partition.error_code;
      react_to(partition.error_code);
    }
  }
  co_return std::move(answers);
}

Task<Result<std::map<TopicPartition, ErrorCode>>> GroupConsumer::commit_positions() {
  return commit(consumer_.positions());
}

Task<Result<Offsets>> GroupConsumer::committed(std::vector<TopicPartition> partitions) {
  B_CO_TRY(const auto connection, co_await coordinator());
  protocol::OffsetFetchRequest request;
  request.group_id = options_.group_id;
  add_partitions(request.topics.emplace(), partitions);
  auto& group = request.groups.emplace_back();
  group.group_id = options_.group_id;
  add_partitions(group.topics.emplace(), partitions);
  const auto reply = co_await connection->call(std::move(request));
  if (!reply) {
    coordinator_ = nullptr;
    co_return std::unexpected(reply.error());
  }
  const bool many = reply->version >= kFirstFetchOfMany;
  if (many && (*reply)->groups.size() != 1) {
    co_return fail(Errc::corrupt, "an OffsetFetch response without the group");
  }
  const ErrorCode error = many ? (*reply)->groups[0].error_code : (*reply)->error_code;
  react_to(error);
  if (error != ErrorCode::none) {
    co_return fail(Errc::not_found, "OffsetFetch: " + std::string(protocol::name_of(error)));
  }
  co_return many ? read_offsets((*reply)->groups[0].topics) : read_offsets((*reply)->topics);
}

}  // namespace barnabas::client
