#include "core/controller/alter_partition.hpp"

#include "core/base/mutant.hpp"

namespace barnabas::controller {

namespace {

using protocol::ErrorCode;
using Proposal = protocol::AlterPartitionRequest::PartitionData;
using Answer = protocol::AlterPartitionResponse::PartitionData;

ErrorCode code_of(IsrRefusal refusal, std::int16_t version) {
  switch (refusal) {
    case IsrRefusal::stale_broker_epoch: return ErrorCode::stale_broker_epoch;
    case IsrRefusal::fenced_leader_epoch: return ErrorCode::fenced_leader_epoch;
    case IsrRefusal::invalid_update_version: return ErrorCode::invalid_update_version;
    case IsrRefusal::invalid_request: return ErrorCode::invalid_request;
    case IsrRefusal::ineligible_replica:
      return version > 1 ? ErrorCode::ineligible_replica : ErrorCode::operation_not_attempted;
  }
  return ErrorCode::unknown_server_error;
}

IsrRequest to_rule(const protocol::AlterPartitionRequest& request, const Proposal& proposal, std::int16_t version) {
  IsrRequest rule;
  rule.leader = BrokerId(request.broker_id);
  rule.leader_broker_epoch = request.broker_epoch;
  rule.leader_epoch = LeaderEpoch(proposal.leader_epoch);
  rule.partition_epoch = proposal.partition_epoch;
  if (version >= 3) {
    for (const auto& member : proposal.new_isr_with_epochs) {
      const std::int64_t epoch = BARNABAS_MUTANT(isr_without_broker_epochs) ? -1 : member.broker_epoch;
      rule.isr.push_back({BrokerId(member.broker_id), epoch});
    }
  } else {
    for (const std::int32_t id : proposal.new_isr) rule.isr.push_back({BrokerId(id), -1});
  }
  return rule;
}

bool same_isr(const PartitionRecord& a, const PartitionRecord& b) {
  const std::set<Member> first(a.isr.begin(), a.isr.end());
  const std::set<Member> second(b.isr.begin(), b.isr.end());
  return first == second && a.eligible == b.eligible;
}

class Planner {
 public:
  Planner(const ControllerState& state, const protocol::AlterPartitionRequest& request, std::int16_t version)
      : state_(state), request_(request), version_(version), liveness_(state) {
    // It speaks, so it lives, whatever was suspected.
    const LiveBrokers registered = state.registered();
    const auto proposer = registered.find(BrokerId(request.broker_id));
    if (proposer != registered.end()) liveness_.live.insert(*proposer);
  }

  AlterPlan plan() {
    const auto proposer = liveness_.live.find(BrokerId(request_.broker_id));
    if (proposer == liveness_.live.end() || proposer->second.epoch != request_.broker_epoch) {
      plan_.response.error_code = ErrorCode::stale_broker_epoch;
      return std::move(plan_);
    }
    for (const auto& topic : request_.topics) add(topic);
    return std::move(plan_);
  }

 private:
  void add(const protocol::AlterPartitionRequest::TopicData& topic) {
    auto& answers = plan_.response.topics.emplace_back();
    answers.topic_name = topic.topic_name.to_owned();
    answers.topic_id = topic.topic_id;
    std::string name = topic.topic_name.str();
    if (version_ >= 2) {
      const auto found = state_.names.find(topic.topic_id);
      name = found == state_.names.end() ? std::string() : found->second;
    }
    const TopicEntry* entry = state_.topic(name);
    for (const Proposal& proposal : topic.partitions) {
      Answer& answer = answers.partitions.emplace_back();
      answer.partition_index = proposal.partition_index;
      const TopicPartition id{name, PartitionId(proposal.partition_index)};
      const PartitionEntry* partition = state_.partition(id);
      if (entry == nullptr && version_ >= 2) {
        answer.error_code = ErrorCode::unknown_topic_id;
      } else if (partition == nullptr || !partition->record || entry->deleting) {
        answer.error_code = ErrorCode::unknown_topic_or_partition;
      } else {
        decide(id, *entry, *partition, proposal, answer);
      }
    }
  }

  void decide(const TopicPartition& id, const TopicEntry& topic, const PartitionEntry& partition,
              const Proposal& proposal, Answer& answer) {
    const IsrRequest rule = to_rule(request_, proposal, version_);
    const PartitionView view(partition, liveness_.live);
    LiveBrokers live = view.live();
    live.insert(*liveness_.live.find(rule.leader));
    const PartitionRecord& record = *partition.record;
    // What is so already needs no write: the answer to a former attempt was lost.
    const auto again = alter_isr(record, rule.partition_epoch, partition.replicas, live, topic.policy, rule);
    if (again && rule.partition_epoch <= partition.partition_epoch && same_isr(*again, record)) {
      return answer_with(partition, answer);
    }
    auto next = alter_isr(record, partition.partition_epoch, partition.replicas, live, topic.policy, rule);
    if (!next) {
      answer.error_code = code_of(next.error(), version_);
      return;
    }
    plan_.changes.push_back({id, *std::move(next), false, true});
    plan_.places.push_back({plan_.response.topics.size() - 1, plan_.response.topics.back().partitions.size() - 1});
  }

  const ControllerState& state_;
  const protocol::AlterPartitionRequest& request_;
  std::int16_t version_;
  Liveness liveness_;
  AlterPlan plan_;
};

}  // namespace

void answer_with(const PartitionEntry& partition, Answer& answer) {
  const PartitionRecord& record = *partition.record;
  answer.leader_id = record.leader.value();
  answer.leader_epoch = record.leader_epoch.value();
  answer.isr.clear();
  for (const Member& member : record.isr) answer.isr.push_back(member.id.value());
  answer.partition_epoch = partition.partition_epoch;
}

AlterPlan plan_alter_partition(const ControllerState& state, const protocol::AlterPartitionRequest& request,
                               std::int16_t version) {
  return Planner(state, request, version).plan();
}

}  // namespace barnabas::controller
