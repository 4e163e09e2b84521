// What brokers and clients ask a controller for.
#include "core/controller/alter_partition.hpp"
#include "core/controller/term.hpp"

namespace barnabas::controller {

namespace {

using protocol::ErrorCode;

// Whether a request comes from the present life of a broker. Brokers that do not say, -1, are believed.
ErrorCode check_sender(const ControllerState& state, BrokerId broker, std::int64_t epoch) {
  const auto found = state.brokers.find(broker);
  if (found == state.brokers.end()) return ErrorCode::broker_not_available;
  return epoch == -1 || epoch == found->second.epoch ? ErrorCode::none : ErrorCode::stale_broker_epoch;
}

}  // namespace

Task<protocol::AlterPartitionResponse> Term::alter_partition(protocol::AlterPartitionRequest request,
                                                             std::int16_t version) {
  refresh_policies();
  AlterPlan plan = plan_alter_partition(state_, request, version);
  std::vector<std::int32_t> before;
  for (const StateChange& change : plan.changes) before.push_back(state_.partition(change.id)->partition_epoch);
  std::vector<StateChange> changes = plan.changes;
  const auto written = co_await write_changes(std::move(changes));
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const TopicPartition& id = plan.changes[i].id;
    auto& answer = plan.response.topics[plan.places[i].topic].partitions[plan.places[i].partition];
    const PartitionEntry* entry = state_.partition(id);
    const bool done = written && entry != nullptr && entry->record && entry->partition_epoch == before[i] + 1 &&
                      entry->record->isr == plan.changes[i].record.isr;
    if (done) {
      answer_with(*entry, answer);
    } else {
      answer.error_code = written ? ErrorCode::invalid_update_version : ErrorCode::unknown_server_error;
    }
  }
  co_return std::move(plan.response);
}

Task<protocol::ControlledShutdownResponse> Term::controlled_shutdown(protocol::ControlledShutdownRequest request) {
  protocol::ControlledShutdownResponse response;
  const BrokerId broker(request.broker_id);
  response.error_code = check_sender(state_, broker, request.broker_epoch);
  if (response.error_code != ErrorCode::none) co_return response;
  info("broker " + std::to_string(broker.value()) + " wants to stop");
  state_.shutting_down[broker] = state_.brokers.at(broker).epoch;
  refresh_policies();
  ShutdownPlan plan = plan_shutdown(state_, broker);
  const auto written = co_await write_changes(std::move(plan.changes));
  if (!written) {
    response.error_code = ErrorCode::unknown_server_error;
    co_return response;
  }
  if (const auto channel = channels_.find(broker); channel != channels_.end()) {
    for (const TopicPartition& id : plan.followed) channel->second->tell_stop(id, Stop{});
  }
  for (const TopicPartition& id : still_led(state_, broker)) {
    auto& remaining = response.remaining_partitions.emplace_back();
    remaining.topic_name = protocol::String(id.topic);
    remaining.partition_index = id.partition.value();
  }
  co_return response;
}

namespace {

enum class Elected : std::uint8_t { preferred, unclean };

struct Choice {
  ErrorCode error = ErrorCode::none;
  const char* message = nullptr;
  std::optional<StateChange> change;
};

Choice choose(const ControllerState& state, const Liveness& liveness, const TopicPartition& id, Elected kind) {
  const TopicEntry* topic = state.topic(id.topic);
  const PartitionEntry* entry = state.partition(id);
  if (entry == nullptr || topic->deleting) {
    return {ErrorCode::unknown_topic_or_partition, "The partition does not exist.", {}};
  }
  const bool offline = is_offline(*entry, liveness.live);
  if (kind == Elected::preferred) {
    if (!offline && !entry->replicas.empty() && entry->record->leader == entry->replicas.front()) {
      return {ErrorCode::election_not_needed, "The leader is the preferred one.", {}};
    }
    auto change = prefer(id, *entry, liveness, topic->policy);
    if (!change) {
      return {ErrorCode::preferred_leader_not_available, "The preferred leader is not alive or not in sync.", {}};
    }
    return {ErrorCode::none, nullptr, std::move(change)};
  }
  if (!offline) return {ErrorCode::election_not_needed, "The partition has a leader.", {}};
  PartitionPolicy policy = topic->policy;
  policy.unclean_election = true;
  auto change = settle(id, *entry, liveness, policy);
  if (!change || change->record.leader == kNoBroker) {
    return {ErrorCode::eligible_leaders_not_available, "No replica is alive.", {}};
  }
  return {ErrorCode::none, nullptr, std::move(change)};
}

}  // namespace

Task<protocol::ElectLeadersResponse> Term::elect_leaders(protocol::ElectLeadersRequest request) {
  protocol::ElectLeadersResponse response;
  if (request.election_type != 0 && request.election_type != 1) {
    response.error_code = ErrorCode::invalid_request;
    co_return response;
  }
  refresh_policies();
  const Elected kind = request.election_type == 1 ? Elected::unclean : Elected::preferred;
  const Liveness liveness(state_);
  std::set<TopicPartition> wanted;
  if (request.topic_partitions) {
    for (const auto& topic : *request.topic_partitions) {
      for (const std::int32_t index : topic.partitions) wanted.insert({topic.topic.str(), PartitionId(index)});
    }
  } else {
    for (const auto& [name, topic] : state_.topics) {
      for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
        wanted.insert({name, PartitionId(static_cast<std::int32_t>(i))});
      }
    }
  }
  std::vector<StateChange> changes;
  std::map<TopicPartition, Choice> choices;
  for (const TopicPartition& id : wanted) {
    Choice choice = choose(state_, liveness, id, kind);
    // Who asks for all wants to hear only of those that needed it.
    if (!request.topic_partitions && choice.error == ErrorCode::election_not_needed) continue;
    if (choice.change) changes.push_back(*choice.change);
    choices[id] = std::move(choice);
  }
  const auto written = co_await write_changes(std::move(changes));
  for (const auto& [id, choice] : choices) {
    auto& groups = response.replica_election_results;
    if (groups.empty() || groups.back().topic != id.topic) groups.emplace_back().topic = protocol::String(id.topic);
    auto& one = groups.back().partition_result.emplace_back();
    one.partition_id = id.partition.value();
    one.error_code = choice.error;
    if (choice.message != nullptr) one.error_message = protocol::String(choice.message);
    const PartitionEntry* entry = state_.partition(id);
    const bool done = !choice.change || (written && entry != nullptr && entry->record &&
                                         entry->record->leader == choice.change->record.leader);
    if (!done) one.error_code = ErrorCode::request_timed_out;
  }
  co_return response;
}

Task<protocol::AllocateProducerIdsResponse> Term::allocate_producer_ids(protocol::AllocateProducerIdsRequest request) {
  protocol::AllocateProducerIdsResponse response;
  response.error_code = check_sender(state_, BrokerId(request.broker_id), request.broker_epoch);
  if (response.error_code == ErrorCode::broker_not_available) response.error_code = ErrorCode::stale_broker_epoch;
  if (response.error_code != ErrorCode::none) co_return response;
  // A block whose answer is lost is skipped: no two brokers get the same.
  const auto block = co_await context_.store.allocate_producer_ids(BrokerId(request.broker_id));
  if (!block) {
    warn("no producer ids: " + block.error().to_string());
    response.error_code = ErrorCode::coordinator_load_in_progress;
    co_return response;
  }
  response.producer_id_start = block->first.value();
  response.producer_id_len = block->count;
  co_return response;
}

}  // namespace barnabas::controller
