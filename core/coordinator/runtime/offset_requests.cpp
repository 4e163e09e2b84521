// OffsetCommit and OffsetFetch.
#include <limits>

#include "core/coordinator/runtime/group_coordinator.hpp"
#include "core/coordinator/runtime/group_messages.hpp"
#include "core/coordinator/runtime/shard.hpp"
#include "core/protocol/messages/09_offset_fetch.hpp"

namespace barnabas::coordinator {
namespace {

using group::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::String;

constexpr std::size_t kMaxTopicNameSize = 249;

Timestamp after(Timestamp start, std::int64_t ms) {
  const std::int64_t room = std::numeric_limits<std::int64_t>::max() - start.value();
  return start + std::min(ms, room);
}

group::CommittedOffset to_value(const OffsetCommitRequest& request,
                                const OffsetCommitRequest::OffsetCommitRequestPartition& partition, Timestamp now) {
  group::CommittedOffset value;
  value.offset = Offset(partition.committed_offset);
  value.leader_epoch = LeaderEpoch(partition.committed_leader_epoch);
  if (partition.committed_metadata) value.metadata = partition.committed_metadata->str();
  value.commit_time = partition.commit_timestamp == -1 ? now : Timestamp(partition.commit_timestamp);
  if (request.retention_time_ms >= 0) value.expire_time = after(now, request.retention_time_ms);
  return value;
}

// The response's partitions, in the request's order; judge gives each its error.
template <class Judge>
OffsetCommitResponse answer_each(const OffsetCommitRequest& request, Judge judge) {
  OffsetCommitResponse response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name.to_owned();
    for (const auto& partition : topic.partitions) {
      auto& entry = answered.partitions.emplace_back();
      entry.partition_index = partition.partition_index;
      entry.error_code = judge(topic, partition);
    }
  }
  return response;
}

// The wire has one shape up to v7 and another since; both have these fields.
template <class Entry>
void fill(Entry& entry, std::int32_t partition, const group::CommittedOffset* committed, ErrorCode error) {
  entry.partition_index = partition;
  entry.committed_offset = committed == nullptr ? -1 : committed->offset.value();
  entry.committed_leader_epoch = committed == nullptr ? -1 : committed->leader_epoch.value();
  entry.metadata = String(committed == nullptr ? std::string_view() : std::string_view(committed->metadata));
  entry.error_code = error;
}

// Every offset of the group.
template <class Topics>
void fill_all(Topics& into, const group::OffsetStore& store, std::string_view group) {
  const group::OffsetStore::Topics* topics = store.find(group);
  if (topics == nullptr) return;
  for (const auto& [name, partitions] : *topics) {
    auto& answered = into.emplace_back();
    answered.name = String(name);
    for (const auto& [partition, committed] : partitions) {
      fill(answered.partitions.emplace_back(), partition, &committed, ErrorCode::none);
    }
  }
}

// The partitions asked for; store is null when error says why.
template <class Topics, class Asked>
void fill_asked(Topics& into, const group::OffsetStore* store, std::string_view group, const Asked& asked,
                ErrorCode error) {
  for (const auto& topic : asked) {
    auto& answered = into.emplace_back();
    answered.name = topic.name.to_owned();
    for (const std::int32_t partition : topic.partition_indexes) {
      const group::CommittedOffset* found = store == nullptr ? nullptr : store->find(group, topic.name, partition);
      fill(answered.partitions.emplace_back(), partition, found, error);
    }
  }
}

template <class Topics, class Asked>
void fill_group(Topics& into, const group::OffsetStore& store, std::string_view group,
                const std::optional<Asked>& asked) {
  if (asked) {
    fill_asked(into, &store, group, *asked, ErrorCode::none);
  } else {
    fill_all(into, store, group);
  }
}

}  // namespace

Task<OffsetCommitResponse> GroupCoordinator::offset_commit(RequestContext, const OffsetCommitRequest& request) {
  const auto shard = shard_for(request.group_id, true);
  const auto exists = [this](std::string_view topic, std::int32_t partition) {
    if (topic.empty() || topic.size() > kMaxTopicNameSize || partition < 0) return false;
    return !partition_exists_ || partition_exists_(topic, partition);
  };
  const std::size_t max_metadata = std::min(context_->config.max_offset_metadata_size, kMaxTextSize);
  const auto check_alone = [&](const auto& topic, const auto& partition) {
    if (!exists(topic.name, partition.partition_index)) return ErrorCode::unknown_topic_or_partition;
    const bool too_large = partition.committed_metadata && partition.committed_metadata->size() > max_metadata;
    return too_large ? ErrorCode::offset_metadata_too_large : ErrorCode::none;
  };
  ErrorCode error = shard ? ErrorCode::none : shard.error();
  OffsetCommitResponse response = answer_each(request, check_alone);
  if (shard) {
    AnswerSlot slot(env_.executor, context_->waiters);
    CommitOperation commit;
    commit.waiter = slot.id();
    commit.member = {request.member_id.str(), own(request.group_instance_id)};
    commit.generation = request.generation_id_or_member_epoch;
    const Timestamp now = env_.clock.wall();
    for (std::size_t i = 0; i < request.topics.size(); ++i) {
      const auto& topic = request.topics[i];
      for (std::size_t j = 0; j < topic.partitions.size(); ++j) {
        if (response.topics[i].partitions[j].error_code != ErrorCode::none) continue;
        group::OffsetKey key{request.group_id.str(), topic.name.str(),
                             PartitionId(topic.partitions[j].partition_index)};
        commit.records.push_back({std::move(key), to_value(request, topic.partitions[j], now)});
      }
    }
    (*shard)->submit(request.group_id, std::move(commit));
    co_await slot.wait();
    error = slot.take<CommitReply>().error;
  }
  if (error == ErrorCode::none) co_return response;
  // What is wrong with the group is wrong for all partitions, but for those that do not exist.
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code != ErrorCode::unknown_topic_or_partition) partition.error_code = error;
    }
  }
  co_return response;
}

Task<OffsetFetchResponse> GroupCoordinator::offset_fetch(RequestContext context, const OffsetFetchRequest& request) {
  OffsetFetchResponse response;
  if (context.api_version >= 8) {
    for (const auto& asked : request.groups) {
      auto& answered = response.groups.emplace_back();
      answered.group_id = asked.group_id.to_owned();
      const auto shard = shard_for(asked.group_id, true);
      if (shard) {
        fill_group(answered.topics, (*shard)->offsets(), asked.group_id, asked.topics);
      } else {
        answered.error_code = shard.error();
      }
    }
    co_return response;
  }
  const auto shard = shard_for(request.group_id, true);
  if (shard) {
    fill_group(response.topics, (*shard)->offsets(), request.group_id, request.topics);
    co_return response;
  }
  response.error_code = shard.error();
  // v0 and v1 have no error of the whole.
  if (context.api_version < 2 && request.topics) {
    fill_asked(response.topics, nullptr, request.group_id, *request.topics, shard.error());
  }
  co_return response;
}

}  // namespace barnabas::coordinator
