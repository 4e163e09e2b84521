// A consumer without a group: reads every partition of a topic from its start, as records come.
#pragma once

#include "core/client/consumer.hpp"
#include "sim/workloads/workload.hpp"

namespace barnabas::sim {

class Reading final : public Workload {
 public:
  using Workload::Workload;
  Task<void> run(env::Env env) override;
  std::string missing(const std::map<TopicPartition, std::int64_t>& ends) const override;

 private:
  // A power cut may have taken what was read last: go back to what is there.
  Task<void> rewind(client::Consumer& consumer, TopicPartition partition);

  std::map<TopicPartition, std::int64_t> positions_;
};

// What a reader has to know of before it asks, to judge the answer.
struct BeforePoll {
  std::size_t power_cuts = 0;
  std::map<std::pair<TopicPartition, std::int32_t>, std::int32_t> epochs;  // By partition and broker.
};
BeforePoll before_poll(const std::vector<TopicPartition>& partitions, std::int64_t brokers, const History& history);
// Writes down what the poll gave.
void note_polled(const client::Polled& polled, const std::string& reader, const BeforePoll& before, History& history);

}  // namespace barnabas::sim
