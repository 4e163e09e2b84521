// The changes of topics that are there: growth, deletion, the removal of records.
#include <utility>

#include "core/broker/detached.hpp"
#include "core/broker/error_mapping.hpp"
#include "core/broker/topics.hpp"
#include "core/env/timeout.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

// How long a deletion is waited for after the topic has left the metadata: most are done by then, and the name is
// free when the client hears of it.
constexpr Duration kGonePatience = 2s;

std::unexpected<ApiError> refuse(const Error& error) {
  return std::unexpected(ApiError{error_code_of(error.code), error.message});
}

std::unexpected<ApiError> refuse(ErrorCode code, std::string message) {
  return std::unexpected(ApiError{code, std::move(message)});
}

std::unexpected<ApiError> unknown_topic(const std::string& name) {
  return refuse(ErrorCode::unknown_topic_or_partition, "The topic '" + name + "' does not exist.");
}

Task<Result<void>> fired(zookeeper::WatchPtr watch) {
  co_await watch->wait();
  co_return Result<void>{};
}

}  // namespace

ApiResult<metadata::Assignment> Topics::plan_growth(const GrowthRequest& request) const {
  const metadata::TopicInfo* topic = metadata_.image().topic(request.name);
  if (topic == nullptr) return unknown_topic(request.name);
  if (topic->is_internal()) {
    return refuse(ErrorCode::invalid_partitions,
                  request.name + " cannot grow: its records would not be found where they are looked for");
  }
  auto added = metadata::assign_more_partitions(metadata_.image().live_brokers(), *topic, request.count,
                                                request.manual, racks());
  if (!added) {
    const auto code = static_cast<ErrorCode>(static_cast<std::int16_t>(added.error().problem));
    return refuse(code, added.error().message);
  }
  if (auto many = too_many_partitions(*added)) return std::unexpected(*std::move(many));
  return *std::move(added);
}

Task<ApiResult<std::monostate>> Topics::grow(GrowthRequest request, Duration patience) {
  const Instant deadline = env_.clock.now() + patience;
  const std::string name = request.name;
  const auto count = static_cast<std::size_t>(std::max(request.count, 0));
  auto work = detached(env_.executor, scope_, grow_in_turn(std::move(request)));
  const ApiResult<std::monostate> grown = co_await std::move(work);
  if (!grown) co_return grown;
  std::function<bool()> led = [this, &name, count] { return metadata_.has_leaders(name, count); };
  const bool in_time = co_await metadata_.wait_until(std::move(led), deadline);
  if (in_time) co_return grown;
  co_return refuse(ErrorCode::request_timed_out,
                   "the partitions are created, but not all of them have a leader yet; look again shortly");
}

Task<ApiResult<std::monostate>> Topics::grow_in_turn(GrowthRequest request) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return refuse(ErrorCode::broker_not_available, "the broker is stopping");
  ApiResult<metadata::Assignment> added = plan_growth(request);
  if (!added) co_return std::unexpected(added.error());
  const std::size_t present = metadata_.image().topic(request.name)->partitions.size();
  co_return co_await controller_.add_partitions(std::move(request.name), present, *std::move(added));
}

Task<ApiResult<std::monostate>> Topics::remove(std::string name, Duration patience) {
  const Instant deadline = env_.clock.now() + patience;
  const metadata::TopicInfo* present = metadata_.image().topic(name);
  const Uuid id = present == nullptr ? Uuid{} : present->id;
  auto work = detached(env_.executor, scope_, remove_in_turn(name));
  const ApiResult<std::monostate> marked = co_await std::move(work);
  if (!marked) co_return marked;
  std::function<bool()> gone = [this, &name, &id] {
    const metadata::TopicInfo* topic = metadata_.image().topic(name);
    return topic == nullptr || topic->id != id;
  };
  const bool in_time = co_await metadata_.wait_until(std::move(gone), deadline);
  if (!in_time) {
    co_return refuse(ErrorCode::request_timed_out, "the topic is marked for deletion, which goes on by itself");
  }
  co_await await_znode_gone(std::move(name), std::min(deadline, env_.clock.now() + kGonePatience));
  co_return marked;
}

Task<ApiResult<std::monostate>> Topics::remove_in_turn(std::string name) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return refuse(ErrorCode::broker_not_available, "the broker is stopping");
  co_return co_await controller_.delete_topic(std::move(name));
}

Task<void> Topics::await_znode_gone(std::string name, Instant deadline) {
  const std::string path = metadata::znode::topic_path(name);
  while (env_.clock.now() < deadline) {
    const auto watch = std::make_shared<zookeeper::Watch>(env_.executor);
    const auto stat = co_await zookeeper_.exists(path, watch);
    if (!stat || !*stat) co_return;
    auto waiting = fired(watch);
    (void)co_await env::with_deadline(env_.executor, env_.clock, deadline, std::move(waiting));
  }
}

Task<std::vector<ApiResult<Offset>>> Topics::delete_records(std::vector<Cut> cuts, Duration patience) {
  const Instant deadline = env_.clock.now() + patience;
  std::vector<TopicPartition> ids;
  for (const Cut& cut : cuts) ids.push_back(cut.first);
  auto work = detached(env_.executor, scope_, delete_records_now(std::move(cuts)));
  std::vector<ApiResult<Offset>> answers = co_await std::move(work);
  co_await await_replicas(ids, deadline, answers);
  co_return answers;
}

Task<void> Topics::await_replicas(const std::vector<TopicPartition>& ids, Instant deadline,
                                  std::vector<ApiResult<Offset>>& answers) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!answers[i]) continue;
    const Offset wanted = *answers[i];
    while (true) {
      const Offset lowest = low_watermarks_.lowest(metadata_.image(), ids[i], self_, wanted);
      if (lowest >= wanted) break;
      if (env_.clock.now() >= deadline) {
        answers[i] = refuse(ErrorCode::request_timed_out, "not every replica has removed the records yet");
        break;
      }
      co_await env::wait_until(env_.executor, env_.clock, low_watermarks_.changed(), deadline);
    }
  }
}

Task<std::vector<ApiResult<Offset>>> Topics::delete_records_now(std::vector<Cut> cuts) {
  std::vector<ApiResult<Offset>> answers;
  bool cut_any = false;
  for (Cut& cut : cuts) {
    answers.push_back(co_await delete_records_of(std::move(cut)));
    cut_any = cut_any || answers.back().has_value();
  }
  if (!cut_any) co_return answers;
  const Result<void> saved = co_await partitions_.checkpoint();
  if (saved) co_return answers;
  for (ApiResult<Offset>& answer : answers) {
    if (answer) answer = refuse(saved.error());
  }
  co_return answers;
}

Task<ApiResult<Offset>> Topics::delete_records_of(Cut cut) {
  const auto partition = partitions_.find(cut.first);
  if (stopping_ || !partition || partition->closing()) {
    co_return refuse(ErrorCode::unknown_topic_or_partition, "there is no partition " + cut.first.to_string());
  }
  if (!partition->leads()) {
    co_return refuse(ErrorCode::not_leader_or_follower, cut.first.to_string() + " is led by another broker");
  }
  const log::LogConfig& config = partition->log().config();
  if (config.cleanup_compact && !config.cleanup_delete) {
    co_return refuse(ErrorCode::policy_violation, cut.first.to_string() + " is compacted, and its records not deleted");
  }
  const Offset before = cut.second == kToHighWatermark ? partition->high_watermark() : cut.second;
  if (before < Offset(0)) {
    co_return refuse(ErrorCode::offset_out_of_range, "there is no offset " + std::to_string(before.value()));
  }
  const Result<Offset> start = co_await partition->delete_records(before);
  if (!start) co_return refuse(start.error());
  co_return *start;
}

}  // namespace barnabas::broker
