// One partition's queue of batches in a Producer: sends them in order, collects answers, recovers.
#pragma once

#include <deque>
#include <memory>

#include "core/client/produce_outcome.hpp"
#include "core/client/producer.hpp"
#include "core/protocol/messages/00_produce.hpp"

namespace barnabas::client {

class Delivery {
 public:
  explicit Delivery(Executor& executor) : done(executor) {}

  enum class State : std::uint8_t { queued, in_flight, to_retry, done };

  State state = State::queued;
  std::vector<ProducerRecord> records;
  Buffer batch;  // Built when its sequence is fixed; sent again byte for byte.
  Instant deadline{};
  Verdict verdict = Verdict::retry;  // Of the last attempt.
  bool maybe_appended = false;       // Some attempt had no definite end.
  DeliveryReport report;
  Event done;
};

// The batches that are not yet reported are in unresolved_, in order: first those in flight or to be sent
// again, then those never sent. An attempt that fails sets recovering_: nothing more is sent until all in
// flight are answered; then settle() decides on each, and sending goes on from the first.
class Producer::Lane {
 public:
  Lane(Cluster& cluster, const ProducerOptions& options, TopicPartition partition);

  Result<std::shared_ptr<Delivery>> enqueue(std::vector<ProducerRecord> records);
  // Waits until everything handed in is reported.
  Task<void> drain();

 private:
  Task<void> run();
  Task<void> send_next(std::shared_ptr<Delivery> delivery);
  // A connection to the leader and, with idempotence, a producer id. An error: nothing was sent.
  Task<Result<std::shared_ptr<Connection>>> prepare();
  Task<Result<void>> obtain_producer_id();
  Result<void> begin(const std::shared_ptr<Delivery>& delivery, const std::shared_ptr<Connection>& connection);
  Task<void> await_answer(std::shared_ptr<Delivery> delivery, std::shared_ptr<Connection> connection, Ticket ticket);
  void take_answer(Delivery& delivery, const protocol::ProduceResponse& response);
  void take_problem(Delivery& delivery, Error problem, bool ambiguous);
  Task<void> recover();
  // Decides on each batch after a failed round.
  void settle();
  // The batch leaves without having been appended for sure: what follows it needs new sequences.
  void abandon_sequences();
  bool is_final(const Delivery& delivery, bool first) const;
  void build(Delivery& delivery);
  void resolve(const std::shared_ptr<Delivery>& delivery, Outcome outcome);
  std::shared_ptr<Delivery> next_queued() const;

  Cluster& cluster_;
  const ProducerOptions& options_;
  TopicPartition partition_;
  std::deque<std::shared_ptr<Delivery>> unresolved_;
  std::size_t in_flight_ = 0;
  bool recovering_ = false;
  std::int32_t failed_rounds_ = 0;
  // Of this partition alone; -1 when none was given or it is of no more use.
  ProducerId producer_id_ = kNoProducerId;
  ProducerEpoch producer_epoch_ = kNoProducerEpoch;
  std::int32_t next_sequence_ = 0;
  Notification changed_;
  Scope scope_;
};

}  // namespace barnabas::client
