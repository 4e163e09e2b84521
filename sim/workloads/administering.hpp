// An admin that changes the cluster while others use it: topics come and go, grow, move to other brokers, change their
// leader or their configuration. One action at a time; what it was told is written to the trace.
#pragma once

#include "core/client/cluster.hpp"
#include "sim/workloads/workload.hpp"

namespace barnabas::sim {

class Administering final : public Workload {
 public:
  using Workload::Workload;
  Task<void> run(env::Env env) override;
  std::string missing(const std::map<TopicPartition, std::int64_t>&) const override {
    return ended_ ? "" : "has not ended";
  }

 private:
  using Told = Result<std::string>;  // The broker's error, by name.
  using ToldCode = Result<protocol::ErrorCode>;

  Task<Told> act(client::Cluster& cluster, AdminAction action);
  Task<ToldCode> create(client::Cluster& cluster, std::string name);
  Task<ToldCode> remove(client::Cluster& cluster, std::string name);
  Task<Told> create_or_delete(client::Cluster& cluster);
  Task<Told> recreate(client::Cluster& cluster);  // One name, again and again.
  void tell(const std::string& topic, std::int32_t partitions);
  Task<Told> grow(client::Cluster& cluster);
  Task<Told> reassign(client::Cluster& cluster);
  Task<Told> elect(client::Cluster& cluster);
  Task<Told> configure(client::Cluster& cluster);
  Task<Result<std::shared_ptr<client::Connection>>> to_controller(client::Cluster& cluster);

  std::int64_t topics_made_ = 0;
  std::string own_topic_;  // Empty: none.
  bool again_is_there_ = false;
};

}  // namespace barnabas::sim
