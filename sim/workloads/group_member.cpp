#include "sim/workloads/group_member.hpp"

#include <algorithm>

#include "sim/workloads/reading.hpp"

namespace barnabas::sim {

Task<void> GroupMember::commit(env::Env env, client::GroupConsumer& member) {
  const std::map<TopicPartition, Offset> offsets = member.consumer().positions();
  if (offsets.empty()) co_return;
  for (const auto& [partition, offset] : offsets) {
    GroupCommits& commits = history_.committed[{spec_.group, partition}];
    commits.highest_sent = std::max(commits.highest_sent, offset.value());
  }
  const std::size_t cuts_before = history_.power_cuts.size();
  const std::int32_t generation = member.generation();
  const std::int32_t newest = history_.generations[spec_.group];
  const auto answer = co_await member.commit(offsets);
  // Said before the power went, heard after it: worth nothing unless it was synced.
  const bool late = history_.power_cuts.size() > cuts_before && !scenario_.flushes_each_batch("__consumer_offsets");
  if (!answer) env.logger.log(env::LogLevel::debug, name_, "commit: " + answer.error().to_string());
  for (const auto& [partition, offset] : offsets) {
    GroupCommits& commits = history_.committed[{spec_.group, partition}];
    if (!answer) {
      commits.lowest_unknown = std::min(commits.lowest_unknown, offset.value());
      continue;
    }
    const auto code = answer->find(partition);
    const bool taken = code != answer->end() && code->second == protocol::ErrorCode::none;
    if (taken && !late) commits.acknowledged = offset.value();
    if (taken && generation >= 0 && generation < newest && !scenario_.loses_tails()) {
      history_.judge("G3", name_ + " of generation " + std::to_string(generation) + " of group " + spec_.group +
                               " could commit " + partition.to_string() + ", although generation " +
                               std::to_string(newest) + " had begun");
    }
    if (!taken && code != answer->end()) {
      env.logger.log(env::LogLevel::debug, name_,
                     "commit of " + partition.to_string() + ": " + std::string(protocol::name_of(code->second)));
    }
  }
}

Task<void> GroupMember::rewind(client::Consumer& consumer, TopicPartition partition) {
  const auto end = co_await consumer.offset_for(partition, client::kLatest);
  if (end && end->value() >= 0) consumer.assign(partition, *end);
}

Task<void> GroupMember::run(env::Env env) {
  client::ClusterOptions where;
  where.bootstrap = bootstrap_of(scenario_);
  client::Cluster cluster(env, where);
  client::GroupOptions options;
  options.group_id = spec_.group;
  options.topics.push_back(spec_.topic);
  options.session_timeout = spec_.session;
  options.rebalance_timeout = 10s;
  options.heartbeat_interval = 1s;
  options.reset = client::OffsetReset::earliest;
  options.consumer.max_wait_ms = 100;
  client::GroupConsumer member(cluster, options);
  Instant next_commit = env.clock.now();
  std::int32_t generation = -1;
  while (!finishing_) {
    const BeforePoll before = before_poll(partitions(), scenario_.cluster.brokers, history_);
    const auto polled = co_await member.poll();
    if (!polled) {
      env.logger.log(env::LogLevel::debug, name_, "poll: " + polled.error().to_string());
      co_await env.clock.sleep_for(100ms);
      continue;
    }
    if (member.generation() != generation) {
      generation = member.generation();
      std::int32_t& newest = history_.generations[spec_.group];
      newest = std::max(newest, generation);
      std::string line = "generation " + std::to_string(generation) + " gave me:";
      for (const TopicPartition& partition : member.assignment()) line += " " + partition.to_string();
      env.logger.log(env::LogLevel::debug, name_, line);
    }
    note_polled(*polled, name_, before, history_);
    for (const client::PartitionProblem& problem : polled->problems) {
      if (problem.error == protocol::ErrorCode::offset_out_of_range) {
        co_await rewind(member.consumer(), problem.partition);
      }
    }
    if (env.clock.now() >= next_commit) {
      co_await commit(env, member);
      const Duration pause(draw_.between(spec_.commit_every.low.count(), spec_.commit_every.high.count()));
      next_commit = env.clock.now() + pause;
    }
    // A member that is given nothing returns at once.
    if (polled->records.empty()) co_await env.clock.sleep_for(10ms);
  }
  static_cast<void>(co_await member.leave());
  ended_ = true;
}

std::string GroupMember::missing(const std::map<TopicPartition, std::int64_t>& ends) const {
  for (const TopicPartition& partition : partitions()) {
    const auto end = ends.find(partition);
    if (end == ends.end() || end->second == 0) continue;
    const auto commits = history_.committed.find({spec_.group, partition});
    const std::int64_t at = commits == history_.committed.end() ? -1 : commits->second.acknowledged;
    if (at >= end->second) continue;
    return "its group has committed " + partition.to_string() + " up to " + std::to_string(at) + " of " +
           std::to_string(end->second);
  }
  return "";
}

}  // namespace barnabas::sim
