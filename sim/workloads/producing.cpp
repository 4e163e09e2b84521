#include "sim/workloads/producing.hpp"

#include <algorithm>

#include "core/async/scope.hpp"

namespace barnabas::sim {
namespace {

constexpr std::size_t kOutstanding = 8;

}  // namespace

std::string Producing::next_value() {
  std::string value = name_ + "/" + std::to_string(sent_++) + "/";
  const auto size = static_cast<std::size_t>(draw_.between(spec_.value_bytes.low, spec_.value_bytes.high));
  if (value.size() < size) value.append(size - value.size(), static_cast<char>('a' + draw_.below(26)));
  return value;
}

// Each client has keys of its own, so that the order of what it sent is the order in the log.
std::optional<std::string> Producing::next_key() {
  if (spec_.keys == 0) return std::nullopt;
  return name_ + ":" + std::to_string(draw_.below(static_cast<std::uint64_t>(spec_.keys)));
}

Task<void> Producing::note_report(env::Env env, client::Producer& producer, std::shared_ptr<client::Delivery> delivery,
                                  std::size_t first, std::size_t count) {
  const Instant sent = env.clock.now();
  const client::DeliveryReport report = co_await producer.wait(std::move(delivery));
  const Duration took = env.clock.now() - sent;
  if (spec_.answered_within > Duration() && took > spec_.answered_within) {
    history_.judge("L2", history_.produced[first].partition.to_string() + ": a batch was answered after " +
                             std::to_string(took / 1ms) + " ms");
  }
  if (report.outcome != client::Outcome::appended && report.outcome != client::Outcome::sent_without_answer) {
    std::string line = std::string(client::name_of(report.outcome)) + " after " + std::to_string(report.attempts) +
                       " attempts: " + std::string(protocol::name_of(report.error));
    if (report.problem) line += ", " + report.problem->to_string();
    env.logger.log(env::LogLevel::info, "batch of " + history_.produced[first].value.substr(0, 20), line);
  }
  const std::int64_t base = report.base_offset.value();
  const bool promised = report.outcome == client::Outcome::appended && spec_.acks == -1 && base >= 0;
  if (promised && history_.on_acknowledged) {
    history_.on_acknowledged(history_.produced[first].partition, base, base + static_cast<std::int64_t>(count) - 1);
  }
  for (std::size_t i = 0; i < count; ++i) {
    ProducedRecord& record = history_.produced[first + i];
    if (report.outcome == client::Outcome::appended) {
      record.state = ProducedRecord::State::acknowledged;
      if (report.base_offset.value() >= 0) record.offset = report.base_offset.value() + static_cast<std::int64_t>(i);
    } else if (report.outcome == client::Outcome::failed) {
      record.state = ProducedRecord::State::rejected;
    }
  }
}

Task<void> Producing::run(env::Env env) {
  client::ClusterOptions where;
  where.bootstrap = bootstrap_of(scenario_);
  client::Cluster cluster(env, where);
  client::ProducerOptions options;
  options.acks = static_cast<std::int16_t>(spec_.acks);
  options.idempotent = spec_.idempotent;
  options.delivery_timeout = 30s;
  options.timeout_ms = 5'000;
  client::Producer producer(cluster, options);
  Scope reports(env.executor);
  const auto all = partitions();
  while (made_ < spec_.records) {
    const TopicPartition to = all[draw_.below(all.size())];
    const auto count = std::min(draw_.between(spec_.batch.low, spec_.batch.high), spec_.records - made_);
    const std::size_t first = history_.produced.size();
    std::vector<client::ProducerRecord> records;
    made_ += count;
    for (std::int64_t i = 0; i < count; ++i) {
      client::ProducerRecord record;
      record.key = next_key();
      const bool tombstone = spec_.tombstone_in > 0 && draw_.below(static_cast<std::uint64_t>(spec_.tombstone_in)) == 0;
      if (!tombstone) record.value = next_value();
      ProducedRecord& produced = history_.produced.emplace_back();
      produced.producer = name_;
      produced.key = record.key.value_or("");
      produced.value = record.value.value_or("");
      produced.tombstone = tombstone;
      produced.partition = to;
      produced.idempotent = spec_.idempotent;
      if (history_.only_acks_all && spec_.acks != -1) produced.may_be_lost_from = 0;
      records.push_back(std::move(record));
    }
    auto delivery = producer.enqueue(to, std::move(records));
    B_CHECK(delivery.has_value());
    reports.spawn(note_report(env, producer, *std::move(delivery), first, static_cast<std::size_t>(count)));
    const Duration pause(draw_.between(spec_.pause.low.count(), spec_.pause.high.count()));
    co_await env.clock.sleep_for(pause);
    while (reports.size() >= kOutstanding) co_await env.clock.sleep_for(1ms);
  }
  co_await reports.join();
  ended_ = true;
}

}  // namespace barnabas::sim
