// What runs on the client nodes of a scenario, and writes down in the History what it sent, was told and was given.
//
// Every client is one process on a node of its own, and uses core/client over the simulated network. A client ends by
// itself: a producer when all its records were sent and reported, a reader or member when it was told to finish
// and has nothing left to do.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/env/env.hpp"
#include "sim/checkers/history.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/world/world.hpp"

namespace barnabas::sim {

class Workload {
 public:
  Workload(const Scenario& scenario, const WorkloadSpec& spec, std::string name, History& history, Prng draw)
      : scenario_(scenario), spec_(spec), name_(std::move(name)), history_(history), draw_(draw) {}
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  virtual ~Workload() = default;

  virtual Task<void> run(env::Env env) = 0;
  // What of the logs up to these ends has not been dealt with yet; empty when all of it has.
  virtual std::string missing(const std::map<TopicPartition, std::int64_t>& ends) const = 0;
  // Readers: end as soon as reached.
  void finish() { finishing_ = true; }

  const WorkloadSpec& spec() const { return spec_; }
  const std::string& name() const { return name_; }
  bool ended() const { return ended_; }

 protected:
  std::vector<TopicPartition> partitions() const;

  const Scenario& scenario_;
  const WorkloadSpec& spec_;
  std::string name_;
  History& history_;
  Prng draw_;
  bool finishing_ = false;
  bool ended_ = false;
};

// One client of the workload; index tells the clients of one spec apart.
std::unique_ptr<Workload> make_workload(const Scenario& scenario, const WorkloadSpec& spec, std::string name,
                                        History& history, Prng draw);

// One broker's address is enough: clients learn the others.
std::vector<env::Endpoint> bootstrap_of(const Scenario& scenario);

// Creates the scenario's topics; tries until the brokers answer.
Task<Result<void>> create_topics(env::Env env, const Scenario& scenario);
// Reads every partition of every topic from its start to its end, and the offsets of every group that committed, into
// history.final_read and final_offsets. The cluster must be at rest.
Task<Result<void>> read_everything(env::Env env, const Scenario& scenario, History& history);

}  // namespace barnabas::sim
