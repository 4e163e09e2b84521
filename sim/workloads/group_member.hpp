// A member of a consumer group: reads what it is assigned and commits its positions now and then.
#pragma once

#include "core/client/group_consumer.hpp"
#include "sim/workloads/workload.hpp"

namespace barnabas::sim {

class GroupMember final : public Workload {
 public:
  using Workload::Workload;
  Task<void> run(env::Env env) override;
  // The group as a whole has committed up to there.
  std::string missing(const std::map<TopicPartition, std::int64_t>& ends) const override;

 private:
  Task<void> commit(env::Env env, client::GroupConsumer& member);
  Task<void> rewind(client::Consumer& consumer, TopicPartition partition);
};

}  // namespace barnabas::sim
