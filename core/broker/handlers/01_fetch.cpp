// Fetch (key 1), versions 0-17.
// Decides: when the answer leaves, and what it looks like. Does not decide: which partitions a session's request is
// about and which of them are told (fetch_session.cpp), how much each gives and in which format (fetch_reader.cpp),
// what is visible (replication/partition.cpp). Versions: 0-1 magic 0, 2-3 magic 1, 4 magic 2 and isolation; 3
// max_bytes; 5 log start offset; 7 sessions; 9
//   leader epochs; 11 the consumer's rack; 12 flexible, divergence; 13 topic ids; 15 replica state as a tag; 16 the
//   leader's address with an error.
// Waits until min_bytes are there, max_wait_ms have passed, or a partition has an error, diverges, or is to be read
//   elsewhere; news of a partition wakes it: there is more that it may see, its log start or its role has changed, it
//   is removed. A follower's progress is noted once, before anything is read for it.
// Errors: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR;
//   UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID; OFFSET_OUT_OF_RANGE; FENCED_LEADER_EPOCH,
//   UNKNOWN_LEADER_EPOCH; NOT_LEADER_OR_FOLLOWER; UNSUPPORTED_COMPRESSION_TYPE
//   for zstd before version 10; UNSUPPORTED_VERSION when conversion is switched off.
#include <algorithm>
#include <deque>
#include <expected>
#include <utility>
#include <vector>

#include "core/async/pace.hpp"
#include "core/broker/fetch_reader.hpp"
#include "core/broker/fetch_session.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/leader_hint.hpp"
#include "core/broker/metrics.hpp"
#include "core/broker/services.hpp"
#include "core/env/timeout.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using PartitionData = FetchResponse::PartitionData;

constexpr std::int16_t kTopicIdsSince = 13;
constexpr std::int16_t kLeaderAddressSince = 16;

Task<FetchAsk> ask_of(const RequestContext& context, const FetchRequest& request) {
  Pace pace(context.services.env.executor);
  FetchAsk ask;
  ask.session_id = request.session_id;
  ask.session_epoch = request.session_epoch;
  ask.by_id = context.version() >= kTopicIdsSince;
  ask.follower = context.kind == Metrics::Kind::follower_fetch;
  const auto topic_ref = [&](const auto& topic) {
    return std::make_shared<const FetchTopicRef>(ask.by_id ? FetchTopicRef{{}, topic.topic_id}
                                                           : FetchTopicRef{topic.topic.str(), {}});
  };
  for (const auto& topic : request.topics) {
    const auto ref = topic_ref(topic);
    for (const auto& asked : topic.partitions) {
      co_await pace.step();
      ask.items.push_back({ref, asked.partition, asked.current_leader_epoch, asked.fetch_offset,
                           asked.last_fetched_epoch, asked.log_start_offset, asked.partition_max_bytes});
    }
  }
  for (const auto& topic : request.forgotten_topics_data) {
    const auto ref = topic_ref(topic);
    for (const std::int32_t partition : topic.partitions) {
      co_await pace.step();
      ask.forgotten.emplace_back(ref, partition);
    }
  }
  co_return ask;
}

// A full request's own session is made here, giving way; one that sessions have no room for is read without.
Task<std::expected<FetchPlan, ErrorCode>> plan_of(RequestContext& context, const FetchRequest& request) {
  FetchAsk ask = co_await ask_of(context, request);
  FetchSessionCache& sessions = context.services.fetch_sessions;
  std::vector<FetchItem> items;
  if (ask.session_epoch == kInitialFetchEpoch) {
    if (ask.items.size() > sessions.max_partitions()) {
      ask.session_epoch = kFinalFetchEpoch;
    } else {
      items = std::exchange(ask.items, {});
    }
  }
  auto plan = sessions.begin(std::move(ask), context.services.env.clock.now());
  if (items.empty()) co_return plan;
  Pace pace(context.services.env.executor);
  for (FetchItem& item : items) {
    co_await pace.step();
    FetchSessionCache::put(*plan, std::move(item));
  }
  FetchSessionCache::settle(*plan);
  co_return plan;
}

FetchNews news_in(const PartitionData& answer) {
  FetchNews news;
  news.bytes = answer.records->size();
  news.high_watermark = answer.high_watermark;
  news.log_start_offset = answer.log_start_offset;
  news.error = answer.error_code != ErrorCode::none;
  news.always = answer.preferred_read_replica >= 0 || answer.diverging_epoch.epoch >= 0;
  return news;
}

Task<FetchResponse> respond(RequestContext& context, const FetchPlan& plan, const FetchReader& reader,
                            std::vector<PartitionData> answers) {
  Pace pace(context.services.env.executor);
  std::vector<FetchNews> news;
  news.reserve(answers.size());
  for (const PartitionData& answer : answers) {
    co_await pace.step();
    news.push_back(news_in(answer));
  }
  const FetchVerdict verdict = context.services.fetch_sessions.finish(plan, news, context.services.env.clock.now());
  FetchResponse response;
  response.error_code = verdict.error;
  response.session_id = verdict.session_id;
  const FetchTopicRef* row_of = nullptr;
  for (std::size_t i = 0; i < verdict.told.size(); ++i) {
    co_await pace.step();
    if (!verdict.told[i]) continue;
    const FetchItem& item = plan.items[i];
    if (row_of == nullptr || *row_of != *item.topic) {
      auto& row = response.responses.emplace_back();
      row.topic = item.topic->name;
      row.topic_id = item.topic->id;
      row_of = item.topic.get();
    }
    if (context.version() >= kLeaderAddressSince) {
      tell_leader(context, {reader.topic_of(i), PartitionId(item.partition)}, answers[i], response);
    }
    response.responses.back().partitions.push_back(std::move(answers[i]));
  }
  co_return response;
}

// Until there is a reason to answer.
Task<FetchReader::Attempt> wait_for_enough(RequestContext& context, FetchReader& reader, Duration max_wait) {
  env::Env& env = context.services.env;
  const Instant deadline = env.clock.now() + max_wait;
  while (true) {
    Event bell(env.executor);
    // Armed before the partitions are read, so that no append is missed in between.
    std::deque<replication::Watcher> watchers;
    co_await reader.watch(bell, watchers);
    FetchReader::Attempt attempt = co_await reader.read();
    const bool enough = reader.is_enough(attempt) || watchers.empty();
    if (enough || env.clock.now() >= deadline) co_return attempt;
    // It changes nothing: the requests behind it need not wait for it.
    context.dispatched.set();
    const UnderWay waiting(context.services.metrics.delayed_fetches);
    Scope timer(env.executor);
    timer.spawn(env::detail::set_at(env.clock, deadline, bell));
    co_await bell.wait();
  }
}

}  // namespace

Task<FetchResponse> handle_fetch(RequestContext& context, FetchRequest request) {
  const std::int32_t replica = context.version() >= 15 ? request.replica_state.replica_id : request.replica_id;
  context.kind = replica >= 0 ? Metrics::Kind::follower_fetch : Metrics::Kind::consumer_fetch;
  const auto plan = co_await plan_of(context, request);
  if (!plan) {
    FetchResponse response;
    response.error_code = plan.error();
    co_return response;
  }
  FetchReader reader(context, request);
  std::vector<FetchItem> items = plan->items;
  co_await reader.find(std::move(items));
  co_await reader.note_progress();
  const Duration max_wait = std::chrono::milliseconds(std::max(request.max_wait_ms, 0));
  FetchReader::Attempt attempt = co_await wait_for_enough(context, reader, max_wait);
  // What is left may have to wait for the answers before it.
  context.dispatched.set();
  std::vector<PartitionData> answers = co_await reader.answers(std::move(attempt));
  co_return co_await respond(context, *plan, reader, std::move(answers));
}

}  // namespace barnabas::broker
