#include "core/client/producer.hpp"

#include "core/base/checksum.hpp"
#include "core/client/producer_lane.hpp"

namespace barnabas::client {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::appended: return "appended";
    case Outcome::sent_without_answer: return "sent_without_answer";
    case Outcome::failed: return "failed";
    case Outcome::unknown: return "unknown";
  }
  return "?";
}

Producer::Producer(Cluster& cluster, ProducerOptions options) : cluster_(cluster), options_(std::move(options)) {
  B_CHECK(!options_.idempotent || (options_.acks == -1 && options_.max_in_flight <= 5));
  B_CHECK_OP(options_.max_in_flight, >, 0u);
}

Producer::~Producer() = default;

Producer::Lane& Producer::lane(const TopicPartition& partition) {
  auto& lane = lanes_[partition];
  if (lane == nullptr) lane = std::make_unique<Lane>(cluster_, options_, partition);
  return *lane;
}

Result<std::shared_ptr<Delivery>> Producer::enqueue(const TopicPartition& to, std::vector<ProducerRecord> records) {
  if (stopped_) return fail(Errc::closed, "the producer was stopped");
  return lane(to).enqueue(std::move(records));
}

Task<DeliveryReport> Producer::wait(std::shared_ptr<Delivery> delivery) {
  co_await delivery->done.wait();
  co_return delivery->report;
}

Task<DeliveryReport> Producer::send(TopicPartition to, std::vector<ProducerRecord> records) {
  auto delivery = enqueue(to, std::move(records));
  if (!delivery) {
    DeliveryReport report;
    report.outcome = Outcome::failed;
    report.problem = std::move(delivery).error();
    co_return std::move(report);
  }
  co_return co_await wait(std::move(*delivery));
}

Task<Result<PartitionId>> Producer::partition_for(std::string topic, std::optional<std::string> key) {
  const TopicInfo* info = cluster_.topic(topic);
  if (info == nullptr || info->partitions.empty()) {
    std::vector<std::string> topics(1, topic);
    B_CO_TRY_VOID(co_await cluster_.refresh(std::move(topics)));
    info = cluster_.topic(topic);
  }
  if (info == nullptr || info->partitions.empty()) {
    co_return fail(Errc::unknown_topic_or_partition, "topic " + topic);
  }
  const std::uint64_t count = info->partitions.size();
  const std::uint64_t chosen =
      key ? static_cast<std::uint64_t>(murmur2(as_bytes(*key)) & 0x7fffffff) % count : next_round_robin_++ % count;
  co_return PartitionId(static_cast<std::int32_t>(chosen));
}

Task<void> Producer::flush() {
  for (const auto& [partition, lane] : lanes_) co_await lane->drain();
}

Task<void> Producer::stop() {
  stopped_ = true;
  co_await flush();
}

}  // namespace barnabas::client
