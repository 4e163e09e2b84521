// A producer of records with unique values, to drawn partitions of one topic, in batches of drawn sizes.
#pragma once

#include "core/client/producer.hpp"
#include "sim/workloads/workload.hpp"

namespace barnabas::sim {

class Producing final : public Workload {
 public:
  using Workload::Workload;
  Task<void> run(env::Env env) override;
  std::string missing(const std::map<TopicPartition, std::int64_t>&) const override {
    return ended_ ? "" : "has not ended";
  }

 private:
  std::string next_value();
  std::optional<std::string> next_key();
  Task<void> note_report(env::Env env, client::Producer& producer, std::shared_ptr<client::Delivery> delivery,
                         std::size_t first, std::size_t count);

  std::int64_t made_ = 0;  // Records.
  std::int64_t sent_ = 0;  // Values.
};

}  // namespace barnabas::sim
