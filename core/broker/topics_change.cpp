// The changes of topics that are there, and the end of those that were left half-done.
#include <utility>

#include "core/async/gather.hpp"
#include "core/broker/detached.hpp"
#include "core/broker/error_mapping.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

std::unexpected<ApiError> refuse(const Error& error) {
  return std::unexpected(ApiError{error_code_of(error.code), error.message});
}

std::unexpected<ApiError> refuse(ErrorCode code, std::string message) {
  return std::unexpected(ApiError{code, std::move(message)});
}

std::unexpected<ApiError> unknown_topic(const std::string& name) {
  return refuse(ErrorCode::unknown_topic_or_partition, "The topic '" + name + "' does not exist.");
}

}  // namespace

Task<ApiResult<bool>> Topics::settle(std::string name) {
  const auto found = unfinished_.find(name);
  if (found == unfinished_.end()) co_return false;
  const Result<void> done =
      found->second == Unfinished::deletion ? co_await finish_deletion(name) : co_await open_stored(name);
  if (!done) co_return refuse(ErrorCode::kafka_storage_error, done.error().message);
  co_return true;
}

Task<Result<void>> Topics::open_stored(std::string name) {
  Result<metadata::TopicInfo> stored = co_await store_.load_topic(name);
  if (!stored && stored.error().code != Errc::not_found) co_return std::unexpected(stored.error());
  if (stored) {
    B_CO_TRY_VOID(co_await open_partitions(*stored));
    serve(*std::move(stored));
  }
  unfinished_.erase(name);
  co_return Result<void>{};
}

Task<Result<void>> Topics::finish_deletion(std::string name) {
  const Result<metadata::TopicInfo> stored = co_await store_.load_topic(name);
  if (!stored && stored.error().code != Errc::not_found) co_return std::unexpected(stored.error());
  // Without znodes, its partitions were removed before.
  if (stored) B_CO_TRY_VOID(co_await remove_partitions(name, stored->partitions.size()));
  B_CO_TRY_VOID(co_await store_.finish_deletion(name, controllership_));
  unfinished_.erase(name);
  co_return Result<void>{};
}

ApiResult<metadata::Assignment> Topics::plan_growth(const GrowthRequest& request) const {
  const metadata::TopicInfo* topic = image_.topic(request.name);
  if (topic == nullptr) return unknown_topic(request.name);
  if (topic->is_internal()) {
    return refuse(ErrorCode::invalid_partitions,
                  request.name + " cannot grow: its records would not be found where they are looked for");
  }
  auto added = metadata::assign_more_partitions(image_.live_brokers(), *topic, request.count, request.manual);
  if (!added) {
    const auto code = static_cast<ErrorCode>(static_cast<std::int16_t>(added.error().problem));
    return refuse(code, added.error().message);
  }
  if (partitions_.size() + added->size() > kMaxPartitions) {
    return refuse(ErrorCode::policy_violation,
                  "this broker would host more than " + std::to_string(kMaxPartitions) + " partitions");
  }
  return *std::move(added);
}

Task<ApiResult<std::monostate>> Topics::grow(GrowthRequest request) {
  return detached(env_.executor, scope_, grow_in_turn(std::move(request)));
}

Task<ApiResult<std::monostate>> Topics::grow_in_turn(GrowthRequest request) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return refuse(ErrorCode::broker_not_available, "the broker is stopping");
  const ApiResult<bool> settled = co_await settle(request.name);
  if (!settled) co_return std::unexpected(settled.error());
  const metadata::TopicInfo* present = image_.topic(request.name);
  // A growth that was left half-done is now finished, and asked for again.
  const auto count = static_cast<std::size_t>(std::max(request.count, 0));
  if (*settled && present != nullptr && present->partitions.size() == count) co_return std::monostate{};
  ApiResult<metadata::Assignment> added = plan_growth(request);
  if (!added) co_return std::unexpected(added.error());
  metadata::TopicInfo topic = *present;
  unfinished_[request.name] = Unfinished::opening;
  const Result<metadata::TopicInfo> grown =
      co_await store_.add_partitions(std::move(topic), *std::move(added), controllership_);
  if (!grown) co_return refuse(grown.error());
  const Result<void> opened = co_await open_partitions(*grown);
  if (!opened) co_return refuse(ErrorCode::kafka_storage_error, opened.error().message);
  unfinished_.erase(request.name);
  serve(*grown);
  co_return std::monostate{};
}

Task<std::vector<ApiResult<Offset>>> Topics::delete_records(std::vector<Cut> cuts) {
  return detached(env_.executor, scope_, delete_records_in_turn(std::move(cuts)));
}

Task<std::vector<ApiResult<Offset>>> Topics::delete_records_in_turn(std::vector<Cut> cuts) {
  std::vector<ApiResult<Offset>> answers;
  // In turn, so that no partition is removed meanwhile.
  const Semaphore::Units turn = co_await turn_.acquire();
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
  log::PartitionLog& log = partition->log();
  if (log.config().cleanup_compact && !log.config().cleanup_delete) {
    co_return refuse(ErrorCode::policy_violation, cut.first.to_string() + " is compacted, and its records not deleted");
  }
  const Offset before = cut.second == kToHighWatermark ? partition->high_watermark() : cut.second;
  if (before < Offset(0)) {
    co_return refuse(ErrorCode::offset_out_of_range, "there is no offset " + std::to_string(before.value()));
  }
  const Result<void> advanced = co_await log.advance_log_start(before);
  if (!advanced) co_return refuse(advanced.error());
  partition->tell_log_start_moved();
  co_return partition->log_start_offset();
}

}  // namespace barnabas::broker
