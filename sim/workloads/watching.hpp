// Asks each broker again and again, on a connection of its own, who leads what: M1.
#pragma once

#include <memory>

#include "core/client/connection.hpp"
#include "sim/workloads/workload.hpp"

namespace barnabas::sim {

class Watching final : public Workload {
 public:
  using Workload::Workload;
  Task<void> run(env::Env env) override;
  std::string missing(const std::map<TopicPartition, std::int64_t>&) const override { return ""; }

 private:
  Task<void> watch(env::Env env, env::Endpoint broker);
  // As long as the connection lasts, so of one process.
  Task<void> follow(env::Env env, std::shared_ptr<client::Connection> connection);
};

}  // namespace barnabas::sim
