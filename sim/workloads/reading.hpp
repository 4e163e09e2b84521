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

// Writes down what a poll gave; cuts_before is history.power_cuts.size() when it was asked.
void note_polled(const client::Polled& polled, const std::string& reader, std::size_t cuts_before, History& history);

}  // namespace barnabas::sim
