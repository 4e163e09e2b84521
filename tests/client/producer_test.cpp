#include "core/client/producer.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/base/prng.hpp"
#include "core/record/record_reader.hpp"
#include "tests/client/fixture.hpp"

namespace barnabas::client {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using What = Step::What;

const TopicPartition kOrders{"orders", PartitionId(0)};

std::vector<ProducerRecord> one_record(std::string value) {
  std::vector<ProducerRecord> records(1);
  records[0].value = std::move(value);
  return records;
}

std::vector<std::string> values_in(const FakeBroker& broker, const TopicPartition& partition) {
  std::vector<std::string> values;
  const auto found = broker.logs.find(partition);
  if (found == broker.logs.end()) return values;
  for (const Buffer& batch : found->second.batches) {
    const auto read = record::for_each_record(
        batch.view(), [&](const record::RecordView& record) { values.emplace_back(as_text(*record.value)); });
    EXPECT_TRUE(read.has_value());
  }
  return values;
}

// Hands in all values at once, one batch each, and returns the reports in that order.
Task<std::vector<DeliveryReport>> send_all(Producer& producer, std::vector<std::string> values) {
  std::vector<std::shared_ptr<Delivery>> deliveries;
  for (std::string& value : values) deliveries.push_back(producer.enqueue(kOrders, one_record(value)).value());
  std::vector<DeliveryReport> reports;
  for (const auto& delivery : deliveries) {
    auto report = co_await producer.wait(delivery);
    reports.push_back(std::move(report));
  }
  co_return std::move(reports);
}

std::vector<std::string> numbered(int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back("value-" + std::to_string(i));
  return values;
}

struct ProducerWorld : ClientWorld {
  explicit ProducerWorld(ProducerOptions options = {}, std::uint64_t seed = 42)
      : ClientWorld(seed), producer(cluster, options) {}
  std::vector<DeliveryReport> send(int count) { return run(send_all(producer, numbered(count))); }
  std::deque<Step>& produce_script() { return broker.script[ApiKey::produce]; }

  Producer producer;
};

ProducerOptions without_retries() {
  ProducerOptions options;
  options.retries = false;
  return options;
}

TEST(Producer, batches_are_appended_in_order_and_report_their_offsets) {
  ProducerWorld w;
  const auto reports = w.send(20);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].outcome, Outcome::appended);
    EXPECT_EQ(reports[i].base_offset, Offset(static_cast<std::int64_t>(i)));
    EXPECT_EQ(reports[i].base_sequence, static_cast<std::int32_t>(i));
    EXPECT_EQ(reports[i].attempts, 1);
  }
  EXPECT_EQ(values_in(w.broker, kOrders), numbered(20));
}

TEST(Producer, a_passing_error_in_the_pipeline_keeps_order_and_appends_once) {
  ProducerWorld w;
  w.produce_script() = {{}, {What::refuse, ErrorCode::not_enough_replicas}};
  const auto reports = w.send(8);
  for (const DeliveryReport& report : reports) EXPECT_EQ(report.outcome, Outcome::appended);
  EXPECT_EQ(reports[1].attempts, 2);
  EXPECT_EQ(values_in(w.broker, kOrders), numbered(8));
}

TEST(Producer, an_answer_lost_after_the_append_does_not_append_twice) {
  ProducerWorld w;
  w.produce_script() = {{}, {What::do_then_drop, {}}};
  const auto reports = w.send(6);
  EXPECT_EQ(reports[1].outcome, Outcome::appended);
  EXPECT_EQ(reports[1].base_offset, Offset(1));
  EXPECT_EQ(reports[1].attempts, 2);
  EXPECT_EQ(values_in(w.broker, kOrders), numbered(6));
}

TEST(Producer, without_retries_a_lost_answer_is_unknown) {
  for (const What what : {What::drop, What::do_then_drop, What::silence}) {
    ProducerWorld w(without_retries());
    w.produce_script() = {{what, {}}};
    const auto reports = w.send(1);
    EXPECT_EQ(reports[0].outcome, Outcome::unknown);
    EXPECT_TRUE(reports[0].problem.has_value());
  }
}

TEST(Producer, a_definite_refusal_is_failed_and_what_follows_goes_on) {
  ProducerWorld w;
  w.produce_script() = {{}, {What::refuse, ErrorCode::message_too_large}};
  const auto reports = w.send(4);
  EXPECT_EQ(reports[1].outcome, Outcome::failed);
  EXPECT_EQ(reports[1].error, ErrorCode::message_too_large);
  EXPECT_EQ(reports[2].outcome, Outcome::appended);
  EXPECT_NE(reports[2].producer_id, reports[0].producer_id);  // Its sequences leave a gap.
  EXPECT_EQ(values_in(w.broker, kOrders), (std::vector<std::string>{"value-0", "value-2", "value-3"}));
}

TEST(Producer, a_refusal_after_an_unknown_attempt_stays_unknown) {
  ProducerWorld w;
  w.produce_script() = {{What::do_then_drop, {}}, {What::refuse, ErrorCode::invalid_producer_epoch}};
  EXPECT_EQ(w.send(1)[0].outcome, Outcome::unknown);
}

TEST(Producer, ambiguous_codes_are_unknown_when_they_are_the_last_word) {
  for (const ErrorCode code : {ErrorCode::request_timed_out, ErrorCode::not_enough_replicas_after_append,
                               ErrorCode::not_leader_or_follower, ErrorCode::unknown_server_error}) {
    ProducerWorld w(without_retries());
    w.produce_script() = {{What::do_then_refuse, code}};
    const auto reports = w.send(1);
    EXPECT_EQ(reports[0].outcome, Outcome::unknown) << protocol::name_of(code);
    EXPECT_EQ(reports[0].error, code);
  }
}

TEST(Producer, acks_zero_reports_that_nothing_is_known) {
  ProducerOptions options;
  options.acks = 0;
  options.idempotent = false;
  ProducerWorld w(options);
  const auto reports = w.send(3);
  for (const DeliveryReport& report : reports) {
    EXPECT_EQ(report.outcome, Outcome::sent_without_answer);
    EXPECT_EQ(report.base_offset, Offset(-1));
    EXPECT_EQ(report.producer_id, kNoProducerId);
  }
  w.world.run_for(std::chrono::seconds(1));
  EXPECT_EQ(values_in(w.broker, kOrders), numbered(3));
}

TEST(Producer, acks_one_without_idempotence_retries_when_the_leader_moved) {
  ProducerOptions options;
  options.acks = 1;
  options.idempotent = false;
  options.max_in_flight = 1;
  ProducerWorld w(options);
  w.produce_script() = {{What::refuse, ErrorCode::not_leader_or_follower}};
  const auto reports = w.send(3);
  for (const DeliveryReport& report : reports) EXPECT_EQ(report.outcome, Outcome::appended);
  EXPECT_EQ(values_in(w.broker, kOrders), numbered(3));
}

TEST(Producer, what_was_never_sent_fails_at_the_delivery_timeout) {
  ProducerOptions options;
  options.delivery_timeout = std::chrono::seconds(3);
  ProducerWorld w(options);
  w.server.kill();
  const auto reports = w.send(2);
  for (const DeliveryReport& report : reports) {
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_EQ(report.attempts, 0);
    EXPECT_TRUE(report.problem.has_value());
  }
}

TEST(Producer, sends_again_after_the_broker_came_back) {
  ProducerWorld w;
  w.world.after(std::chrono::milliseconds(1), [&] { w.server.kill(); });
  w.world.after(std::chrono::seconds(4), [&] {
    w.server.restart();
    w.start_server();
  });
  const auto reports = w.send(30);
  for (const DeliveryReport& report : reports) EXPECT_EQ(report.outcome, Outcome::appended);
  EXPECT_EQ(values_in(w.broker, kOrders), numbered(30));
}

TEST(Producer, a_stopped_producer_takes_no_more_and_an_empty_batch_is_no_batch) {
  ProducerWorld w;
  EXPECT_EQ(w.producer.enqueue(kOrders, {}).error().code, Errc::invalid_argument);
  w.run(w.producer.stop());
  EXPECT_EQ(w.producer.enqueue(kOrders, one_record("late")).error().code, Errc::closed);
}

TEST(Producer, keys_choose_partitions_as_kafka_does) {
  ProducerWorld w;
  const auto key = w.run(w.producer.partition_for("orders", "foobar"));
  EXPECT_EQ(key.value(), PartitionId((-790332482 & 0x7fffffff) % 3));
  std::set<PartitionId> without_key;
  for (int i = 0; i < 3; ++i) without_key.insert(w.run(w.producer.partition_for("orders", std::nullopt)).value());
  EXPECT_EQ(without_key.size(), 3u);
  EXPECT_EQ(w.run(w.producer.partition_for("nothing", "k")).error().code, Errc::unknown_topic_or_partition);
}

// Under any script: appended is in the log at its offset, failed is not in it, nothing is in it twice, and what
// was appended keeps its order.
TEST(Producer, reports_hold_under_random_faults) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Prng prng(seed);
    ProducerOptions options;
    options.retries = prng.below(4) != 0;
    options.delivery_timeout = std::chrono::seconds(20);
    ProducerWorld w(options, seed);
    const ErrorCode errors[] = {ErrorCode::not_enough_replicas, ErrorCode::not_leader_or_follower,
                                ErrorCode::message_too_large, ErrorCode::request_timed_out,
                                ErrorCode::not_enough_replicas_after_append};
    for (int i = 0; i < 60; ++i) {
      Step step;
      if (prng.below(3) == 0) step.what = static_cast<What>(prng.below(6));
      step.error = step.what == What::answer ? ErrorCode::none : errors[prng.below(5)];
      // What was done is never refused for good by a true broker.
      if (step.what == What::do_then_refuse) step.error = ErrorCode::request_timed_out;
      // And before the append it says nothing that may be after it.
      if (step.what == What::refuse && prng.below(2) == 0) step.error = ErrorCode::not_enough_replicas;
      w.produce_script().push_back(step);
    }
    const auto reports = w.send(40);
    const auto values = values_in(w.broker, kOrders);
    EXPECT_EQ(std::set<std::string>(values.begin(), values.end()).size(), values.size()) << "a value twice";
    Offset last(-1);
    for (std::size_t i = 0; i < reports.size(); ++i) {
      const std::string value = "value-" + std::to_string(i);
      const auto count = std::ranges::count(values, value);
      if (reports[i].outcome == Outcome::appended) {
        ASSERT_GE(reports[i].base_offset.value(), 0);
        ASSERT_LT(static_cast<std::size_t>(reports[i].base_offset.value()), values.size());
        EXPECT_EQ(values[static_cast<std::size_t>(reports[i].base_offset.value())], value);
        EXPECT_GT(reports[i].base_offset, last);
        last = reports[i].base_offset;
      }
      if (reports[i].outcome == Outcome::failed) EXPECT_EQ(count, 0) << value;
    }
  }
}

}  // namespace
}  // namespace barnabas::client
