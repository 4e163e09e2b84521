#include "core/client/producer_lane.hpp"

#include <algorithm>

#include "core/protocol/messages/22_init_producer_id.hpp"

namespace barnabas::client {

Producer::Lane::Lane(Cluster& cluster, const ProducerOptions& options, TopicPartition partition)
    : cluster_(cluster),
      options_(options),
      partition_(std::move(partition)),
      changed_(cluster.env().executor),
      scope_(cluster.env().executor) {
  scope_.spawn(run());
}

Result<std::shared_ptr<Delivery>> Producer::Lane::enqueue(std::vector<ProducerRecord> records) {
  if (records.empty()) return fail(Errc::invalid_argument, "a batch without records");
  if (unresolved_.size() >= options_.max_queued) {
    return fail(Errc::too_large, std::to_string(unresolved_.size()) + " batches wait for " + partition_.to_string());
  }
  const env::Env& env = cluster_.env();
  auto delivery = std::make_shared<Delivery>(env.executor);
  const Timestamp now = env.clock.wall();
  for (ProducerRecord& record : records) {
    if (record.timestamp == kNoTimestamp) record.timestamp = now;
  }
  delivery->records = std::move(records);
  delivery->deadline = env.clock.now() + options_.delivery_timeout;
  unresolved_.push_back(delivery);
  changed_.notify_all();
  return delivery;
}

Task<void> Producer::Lane::drain() {
  while (!unresolved_.empty()) co_await changed_.wait();
}

std::shared_ptr<Delivery> Producer::Lane::next_queued() const {
  const auto found =
      std::ranges::find(unresolved_, Delivery::State::queued, [](const auto& delivery) { return delivery->state; });
  return found == unresolved_.end() ? nullptr : *found;
}

Task<void> Producer::Lane::run() {
  while (true) {
    auto next = recovering_ || in_flight_ >= options_.max_in_flight ? nullptr : next_queued();
    if (recovering_ && in_flight_ == 0) {
      co_await recover();
    } else if (next != nullptr) {
      co_await send_next(std::move(next));
    } else {
      co_await changed_.wait();
    }
  }
}

Task<void> Producer::Lane::send_next(std::shared_ptr<Delivery> delivery) {
  auto connection = co_await prepare();
  if (recovering_) co_return;  // An answer came meanwhile that says to stop.
  Result<void> begun = connection ? Result<void>() : std::unexpected(connection.error());
  const bool expired = cluster_.env().clock.now() >= delivery->deadline;
  if (expired) begun = fail(Errc::timed_out, "not sent within the delivery timeout");
  if (begun) begun = begin(delivery, *connection);
  if (begun) co_return;
  // Too many requests in flight or a broken connection pass; an unsupported version does not.
  take_problem(*delivery, std::move(begun).error(), false);
  if (delivery->report.problem->code == Errc::unsupported) delivery->verdict = Verdict::refused;
  delivery->state = Delivery::State::to_retry;
  recovering_ = true;
}

Task<Result<std::shared_ptr<Connection>>> Producer::Lane::prepare() {
  if (cluster_.partition(partition_) == nullptr) {
    std::vector<std::string> topics(1, partition_.topic);
    B_CO_TRY_VOID(co_await cluster_.refresh(std::move(topics)));
  }
  if (options_.idempotent && producer_id_ == kNoProducerId) B_CO_TRY_VOID(co_await obtain_producer_id());
  co_return co_await cluster_.to_leader(partition_);
}

Task<Result<void>> Producer::Lane::obtain_producer_id() {
  B_CO_TRY(const auto connection, co_await cluster_.to_any());
  protocol::InitProducerIdRequest request;
  request.transaction_timeout_ms = 60'000;
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  if (reply->error_code != protocol::ErrorCode::none) {
    co_return fail(Errc::not_found, "InitProducerId: " + std::string(protocol::name_of(reply->error_code)));
  }
  producer_id_ = ProducerId(reply->producer_id);
  producer_epoch_ = ProducerEpoch(reply->producer_epoch);
  next_sequence_ = 0;
  co_return Result<void>();
}

void Producer::Lane::build(Delivery& delivery) {
  record::BatchOptions options;
  options.codec = options_.codec;
  if (options_.idempotent) {
    options.producer_id = producer_id_;
    options.producer_epoch = producer_epoch_;
    options.base_sequence = next_sequence_;
    const auto count = static_cast<std::uint32_t>(delivery.records.size());
    // Sequences wrap from 2^31 - 1 to 0.
    next_sequence_ = static_cast<std::int32_t>((static_cast<std::uint32_t>(next_sequence_) + count) & 0x7fffffff);
  }
  delivery.report.producer_id = options.producer_id;
  delivery.report.producer_epoch = options.producer_epoch;
  delivery.report.base_sequence = options.base_sequence;
  record::BatchBuilder builder(options);
  const auto bytes_of = [](const std::optional<std::string>& text) {
    return text ? std::optional<ByteView>(as_bytes(*text)) : std::nullopt;
  };
  for (const ProducerRecord& record : delivery.records) {
    std::vector<record::Header> headers;
    for (const auto& [key, value] : record.headers) headers.push_back({key, bytes_of(value)});
    builder.append(record.timestamp, bytes_of(record.key), bytes_of(record.value), headers);
  }
  delivery.batch = builder.build();
}

Result<void> Producer::Lane::begin(const std::shared_ptr<Delivery>& delivery,
                                   const std::shared_ptr<Connection>& connection) {
  B_TRY(const std::int16_t version, connection->version_of<protocol::ProduceRequest>());
  if (version < 3) return fail(Errc::unsupported, "the broker takes no batches of magic 2");
  if (delivery->batch.empty()) build(*delivery);
  protocol::ProduceRequest request;
  request.acks = options_.acks;
  request.timeout_ms = options_.timeout_ms;
  auto& topic = request.topic_data.emplace_back();
  topic.name = protocol::String::borrow(partition_.topic);
  auto& partition = topic.partition_data.emplace_back();
  partition.index = partition_.partition.value();
  partition.records = delivery->batch;
  auto ticket =
      options_.acks == 0 ? connection->begin_without_response(request, version) : connection->begin(request, version);
  if (!ticket) return std::unexpected(std::move(ticket).error());
  ++delivery->report.attempts;
  delivery->state = Delivery::State::in_flight;
  ++in_flight_;
  scope_.spawn(await_answer(delivery, connection, std::move(*ticket)));
  return {};
}

Task<void> Producer::Lane::await_answer(std::shared_ptr<Delivery> delivery, std::shared_ptr<Connection> connection,
                                        Ticket ticket) {
  if (options_.acks == 0) {
    const auto written = co_await connection->finish_without_response(ticket);
    if (written) {
      delivery->verdict = Verdict::appended;
    } else {
      take_problem(*delivery, written.error(), Connection::was_sent(*ticket));
    }
  } else {
    const auto reply = co_await connection->finish<protocol::ProduceResponse>(ticket);
    if (reply) {
      take_answer(*delivery, reply->message);
    } else {
      take_problem(*delivery, reply.error(), Connection::was_sent(*ticket));
    }
  }
  --in_flight_;
  if (delivery->verdict == Verdict::appended) {
    failed_rounds_ = 0;
    resolve(delivery, options_.acks == 0 ? Outcome::sent_without_answer : Outcome::appended);
  } else {
    delivery->state = Delivery::State::to_retry;
    recovering_ = true;
  }
  changed_.notify_all();
}

void Producer::Lane::take_answer(Delivery& delivery, const protocol::ProduceResponse& response) {
  if (response.responses.size() != 1 || response.responses[0].partition_responses.size() != 1) {
    return take_problem(delivery, Error{Errc::corrupt, "a Produce response without the partition"}, true);
  }
  const auto& answer = response.responses[0].partition_responses[0];
  DeliveryReport& report = delivery.report;
  report.error = answer.error_code;
  report.problem.reset();
  report.error_message = answer.error_message ? answer.error_message->str() : "";
  delivery.verdict = judge(answer.error_code, options_.acks);
  if (is_ambiguous(delivery.verdict)) delivery.maybe_appended = true;
  if (answer.error_code == protocol::ErrorCode::none) {
    report.base_offset = Offset(answer.base_offset);
    report.log_append_time = Timestamp(answer.log_append_time_ms);
  }
}

void Producer::Lane::take_problem(Delivery& delivery, Error problem, bool ambiguous) {
  delivery.report.error = protocol::ErrorCode::none;
  delivery.report.error_message.clear();
  delivery.report.problem = std::move(problem);
  delivery.verdict = ambiguous ? Verdict::retry_ambiguous : Verdict::retry;
  if (ambiguous) delivery.maybe_appended = true;
}

// first: everything before it is reported, and was appended.
bool Producer::Lane::is_final(const Delivery& delivery, bool first) const {
  if (cluster_.env().clock.now() >= delivery.deadline) return true;
  if (delivery.state == Delivery::State::queued) return false;
  if (delivery.verdict == Verdict::sequence_gap) return first;
  return is_refused(delivery.verdict) || !options_.retries;
}

void Producer::Lane::settle() {
  const auto batches = unresolved_;
  bool first = true;
  for (const auto& delivery : batches) {
    if (delivery->state == Delivery::State::done) continue;  // Abandoned below.
    if (is_final(*delivery, first)) {
      if (delivery->state == Delivery::State::queued && !delivery->report.problem) {
        delivery->report.problem = Error{Errc::timed_out, "not sent within the delivery timeout"};
      }
      const bool had_sequence = !delivery->batch.empty();
      resolve(delivery, delivery->maybe_appended ? Outcome::unknown : Outcome::failed);
      if (had_sequence && options_.idempotent) abandon_sequences();
    } else {
      delivery->state = Delivery::State::queued;
    }
    first = false;
  }
}

// A batch that may be in the log must not be sent under another sequence: it would be appended twice.
void Producer::Lane::abandon_sequences() {
  producer_id_ = kNoProducerId;
  const auto batches = unresolved_;
  for (const auto& delivery : batches) {
    if (delivery->maybe_appended) {
      resolve(delivery, Outcome::unknown);
    } else {
      delivery->batch = Buffer();
    }
  }
}

Task<void> Producer::Lane::recover() {
  settle();
  if (!unresolved_.empty()) {
    const std::int32_t doublings = std::min(failed_rounds_++, 16);
    const Duration pause =
        std::min(options_.retry_backoff * (std::int64_t{1} << doublings), options_.retry_backoff_max);
    co_await cluster_.env().clock.sleep_for(pause);
    std::vector<std::string> topics(1, partition_.topic);
    // When this fails too, the next attempt finds out and comes back here.
    static_cast<void>(co_await cluster_.refresh(std::move(topics)));
  }
  recovering_ = false;
  changed_.notify_all();
}

void Producer::Lane::resolve(const std::shared_ptr<Delivery>& delivery, Outcome outcome) {
  delivery->report.outcome = outcome;
  delivery->state = Delivery::State::done;
  const auto found = std::ranges::find(unresolved_, delivery);
  B_CHECK(found != unresolved_.end());
  unresolved_.erase(found);
  delivery->done.set();
  changed_.notify_all();
}

}  // namespace barnabas::client
