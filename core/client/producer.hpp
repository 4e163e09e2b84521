// Sends record batches and reports exactly what is known of each.
//
// Each send is one batch to one partition. Batches of a partition are sent in the order they were handed in, up
// to max_in_flight at a time. When one fails in a way that may pass, the partition waits until all that are
// under way are answered, and sends again from the first that failed, in order: with idempotence the broker
// then appends each at most once and in order. Without idempotence a retry may append twice, and with more than
// one in flight it may change the order, as with Kafka's own producer.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/cluster.hpp"
#include "core/record/batch_builder.hpp"

namespace barnabas::client {

struct ProducerOptions {
  std::int16_t acks = -1;  // -1: all in-sync replicas; 1: the leader; 0: no answer.
  bool idempotent = true;  // Requires acks -1 and max_in_flight <= 5.
  bool retries = true;     // False: the first outcome is the last.
  std::size_t max_in_flight = 5;
  std::size_t max_queued = 10'000;  // Batches of one partition that wait; then enqueue() refuses.
  record::Codec codec = record::Codec::none;
  std::int32_t timeout_ms = 30'000;                         // Of the broker, for acks -1.
  Duration delivery_timeout = std::chrono::seconds(120);    // From enqueue() to the report, retries included.
  Duration retry_backoff = std::chrono::milliseconds(100);  // Doubles up to the maximum.
  Duration retry_backoff_max = std::chrono::seconds(1);
};

struct ProducerRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  Timestamp timestamp = kNoTimestamp;  // None: the wall clock's at enqueue().
};

enum class Outcome : std::uint8_t {
  appended,             // The broker said so (for acks -1: committed).
  sent_without_answer,  // acks 0: written to the connection; nothing more will be known.
  failed,               // Definite: not appended, and never will be.
  unknown,              // May be in the log, now or later.
};
std::string_view name_of(Outcome outcome);

// All that the producer was told about a batch.
struct DeliveryReport {
  Outcome outcome = Outcome::unknown;
  // Of the first record. -1: not known (acks 0, or a duplicate that the broker no longer remembers).
  Offset base_offset{-1};
  Timestamp log_append_time = kNoTimestamp;
  // The last answer's code; none when the last attempt had no answer: then problem says why.
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::optional<Error> problem;
  std::string error_message;  // The broker's, if any.
  std::int32_t attempts = 0;  // Requests that were begun.
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::int32_t base_sequence = record::kNoSequence;
};

class Delivery;  // A batch handed in; await it with Producer::wait.

class Producer {
 public:
  // The cluster must outlive the producer.
  Producer(Cluster& cluster, ProducerOptions options);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Hands in one batch, without waiting. too_large: max_queued is reached; closed: stop() was called;
  // invalid_argument: no records.
  Result<std::shared_ptr<Delivery>> enqueue(const TopicPartition& to, std::vector<ProducerRecord> records);
  Task<DeliveryReport> wait(std::shared_ptr<Delivery> delivery);
  // Both. An error of enqueue() becomes a `failed` report.
  Task<DeliveryReport> send(TopicPartition to, std::vector<ProducerRecord> records);

  // Kafka's default partitioner for a key: murmur2. Without a key: round robin. Asks for metadata when the
  // topic is unknown.
  Task<Result<PartitionId>> partition_for(std::string topic, std::optional<std::string> key);

  // Waits until everything handed in is reported.
  Task<void> flush();
  // flush, then refuse more.
  Task<void> stop();

 private:
  class Lane;
  friend class Delivery;

  Lane& lane(const TopicPartition& partition);

  Cluster& cluster_;
  ProducerOptions options_;
  bool stopped_ = false;
  std::uint64_t next_round_robin_ = 0;
  std::map<TopicPartition, std::unique_ptr<Lane>> lanes_;
};

}  // namespace barnabas::client
