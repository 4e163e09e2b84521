#include "core/replication/follower_session.hpp"

#include <limits>

namespace barnabas::replication {
namespace {

using protocol::ErrorCode;

template <class Topics>
auto& row_of(Topics& topics, const TopicPartition& id, const Uuid& topic_id) {
  if (topics.empty() || topics.back().topic != id.topic || topics.back().topic_id != topic_id) {
    auto& row = topics.emplace_back();
    row.topic = id.topic;
    row.topic_id = topic_id;
  }
  return topics.back();
}

void add(protocol::FetchRequest& request, const TopicPartition& id, const FetchState& state) {
  auto& row = row_of(request.topics, id, state.topic_id).partitions.emplace_back();
  row.partition = id.partition.value();
  row.current_leader_epoch = state.leader_epoch.value();
  row.fetch_offset = state.offset.value();
  row.last_fetched_epoch = state.last_epoch.value();
  row.log_start_offset = state.log_start.value();
  row.partition_max_bytes = state.max_bytes;
  row.high_watermark = state.high_watermark.value();
}

}  // namespace

void FollowerSession::put(const TopicPartition& id, const FetchState& state) {
  const auto [at, fresh] = wanted_.try_emplace(id, state);
  if (!fresh) {
    if (at->second == state) return;
    count_ids(at->second, -1);
    at->second = state;
  }
  count_ids(state, 1);
  changed_.insert(id);
}

void FollowerSession::drop(const TopicPartition& id) {
  const auto found = wanted_.find(id);
  if (found == wanted_.end()) return;
  count_ids(found->second, -1);
  wanted_.erase(found);
  changed_.insert(id);
}

void FollowerSession::reset() {
  id_ = epoch_ = 0;
  asked_.clear();
  names_.clear();
}

const FetchState* FollowerSession::asked(const TopicPartition& id) const {
  const auto found = asked_.find(id);
  return found == asked_.end() ? nullptr : &found->second;
}

const std::string* FollowerSession::name_of(const Uuid& topic_id) const {
  const auto found = names_.find(topic_id);
  return found == names_.end() ? nullptr : &found->second;
}

void FollowerSession::fill(protocol::FetchRequest& request, bool by_id) {
  if (by_id != by_id_) {
    // A session does not mix the two ways of naming a topic. The former one ends with this request.
    epoch_ = 0;
    asked_.clear();
    by_id_ = by_id;
  }
  request.session_id = id_;
  request.session_epoch = epoch_;
  if (epoch_ == 0) {
    names_.clear();
    for (const auto& [id, state] : wanted_) {
      add(request, id, state);
      names_.try_emplace(state.topic_id, id.topic);
    }
    asked_ = wanted_;
    changed_.clear();
    return;
  }
  for (const TopicPartition& id : changed_) {
    const auto wanted = wanted_.find(id);
    const auto asked = asked_.find(id);
    const bool other_topic =
        asked != asked_.end() && wanted != wanted_.end() && asked->second.topic_id != wanted->second.topic_id;
    if (asked != asked_.end() && (wanted == wanted_.end() || other_topic)) {
      row_of(request.forgotten_topics_data, id, asked->second.topic_id).partitions.push_back(id.partition.value());
      asked_.erase(asked);
    }
    if (wanted == wanted_.end()) continue;
    add(request, id, wanted->second);
    names_.try_emplace(wanted->second.topic_id, id.topic);
    asked_.insert_or_assign(id, wanted->second);
  }
  changed_.clear();
}

bool FollowerSession::accept(const protocol::FetchResponse& response) {
  switch (response.error_code) {
    case ErrorCode::none: break;
    case ErrorCode::fetch_session_id_not_found:
    case ErrorCode::invalid_fetch_session_epoch:
    case ErrorCode::fetch_session_topic_id_error:
      reset();
      return false;
    default: return true;
  }
  const bool has_session = response.session_id != 0;
  id_ = response.session_id;
  if (!has_session) {
    epoch_ = 0;  // It had no room for one.
  } else {
    epoch_ = epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : epoch_ + 1;
  }
  return true;
}

}  // namespace barnabas::replication
