#include "core/replication/isr_sender.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/env/timeout.hpp"

namespace barnabas::replication {
namespace {

using protocol::ErrorCode;

// Between tries that did not reach a controller; doubles up to the second.
constexpr Duration kFirstBackoff = std::chrono::milliseconds(20);
constexpr Duration kLongestBackoff = std::chrono::seconds(1);
// The controller knows better and its word is on the way, or it said no: so long the same is not asked again.
constexpr Duration kAskAgain = std::chrono::milliseconds(500);
// Of partitions in one request.
constexpr std::size_t kMostAtOnce = 2000;

bool same(const IsrProposal& a, const IsrProposal& b) {
  return a.leader_epoch == b.leader_epoch && a.partition_epoch == b.partition_epoch && a.isr == b.isr;
}

}  // namespace

IsrSender::IsrSender(env::Env env, PartitionTable& partitions, const SelfInfo& self, ControllerChannel& controller)
    : env_(env), partitions_(partitions), self_(self), controller_(controller), changed_(env.executor) {}

void IsrSender::report(const std::string& line) { env_.logger.log(env::LogLevel::info, "isr", line); }

void IsrSender::propose(const TopicPartition& id) {
  due_.try_emplace(id, env_.clock.now());
  changed_.notify_all();
}

void IsrSender::stop() {
  stopping_ = true;
  changed_.notify_all();
}

void IsrSender::ask_again(const TopicPartition& id, Duration after) {
  after = BARNABAS_MUTATE(isr_is_asked_again_later, after, after * 3);
  due_.insert_or_assign(id, env_.clock.now() + after);
}

Task<void> IsrSender::run() {
  while (!stopping_) {
    const Batch batch = due(env_.clock.now());
    if (batch.empty() && due_.empty()) {
      co_await changed_.wait();
      continue;
    }
    if (batch.empty()) {
      co_await env::wait_until(env_.executor, env_.clock, changed_, next_due());
      continue;
    }
    auto asking = controller_.alter_partition(request_of(batch));
    const auto response = co_await std::move(asking);
    const bool taken = response && take(batch, *response);
    if (taken) {
      backoff_ = {};
      continue;
    }
    if (!response && BARNABAS_MUTANT(isr_is_proposed_once)) {
      due_.clear();
      continue;
    }
    ++counts_.failed;
    backoff_ = std::min(std::max(backoff_ * 2, kFirstBackoff), kLongestBackoff);
    if (!stopping_) co_await env_.clock.sleep_for(backoff_);
  }
}

// Those whose time has come; what has no proposal any more is forgotten.
IsrSender::Batch IsrSender::due(Instant now) {
  Batch batch;
  for (auto it = due_.begin(); it != due_.end() && batch.size() < kMostAtOnce;) {
    if (it->second > now) {
      ++it;
      continue;
    }
    auto partition = partitions_.find(it->first);
    const IsrProposal* proposal = partition ? partition->proposal() : nullptr;
    if (proposal == nullptr) {
      it = due_.erase(it);
      continue;
    }
    batch.push_back({std::move(partition), *proposal});
    ++it;
  }
  return batch;
}

Instant IsrSender::next_due() const {
  Instant next = Instant::max();
  for (const auto& [id, at] : due_) next = std::min(next, at);
  return next;
}

protocol::AlterPartitionRequest IsrSender::request_of(const Batch& batch) const {
  protocol::AlterPartitionRequest request;
  request.broker_id = self_.id.value();
  request.broker_epoch = self_.epoch;
  const std::string* last = nullptr;
  for (const Sent& sent : batch) {  // Sorted, so a topic's partitions are neighbours.
    const TopicPartition& id = sent.partition->id();
    if (last == nullptr || *last != id.topic) {
      auto& topic = request.topics.emplace_back();
      topic.topic_name = id.topic;
      topic.topic_id = sent.partition->topic_id();
      last = &id.topic;
    }
    auto& row = request.topics.back().partitions.emplace_back();
    row.partition_index = id.partition.value();
    row.leader_epoch = sent.proposal.leader_epoch.value();
    row.partition_epoch = sent.proposal.partition_epoch;
    for (const IsrMember& member : sent.proposal.isr) {
      row.new_isr.push_back(member.id.value());
      auto& state = row.new_isr_with_epochs.emplace_back();
      state.broker_id = member.id.value();
      state.broker_epoch = member.broker_epoch;
    }
  }
  return request;
}

// False: nothing was decided.
bool IsrSender::take(const Batch& batch, const protocol::AlterPartitionResponse& response) {
  if (response.error_code != ErrorCode::none) {
    report("the controller answered AlterPartition with " + std::string(name_of(response.error_code)));
    return false;
  }
  std::map<Uuid, std::string> names;
  for (const Sent& sent : batch) names.try_emplace(sent.partition->topic_id(), sent.partition->id().topic);
  for (const auto& topic : response.topics) {
    const auto by_id = names.find(topic.topic_id);
    const bool has_id = !topic.topic_id.is_zero() && by_id != names.end();
    TopicPartition id{has_id ? by_id->second : topic.topic_name.str(), PartitionId(0)};
    for (const auto& answer : topic.partitions) {
      id.partition = PartitionId(answer.partition_index);
      const auto id_of = [](const Sent& one) -> const TopicPartition& { return one.partition->id(); };
      const auto sent = std::ranges::lower_bound(batch, id, {}, id_of);
      if (sent != batch.end() && sent->partition->id() == id) take_one(*sent, answer);
    }
  }
  return true;
}

void IsrSender::take_one(const Sent& sent, const protocol::AlterPartitionResponse::PartitionData& answer) {
  const TopicPartition& id = sent.partition->id();
  const IsrProposal* now = sent.partition->proposal();
  // Of an epoch that is over: what is proposed now is another thing.
  if (now == nullptr || !same(*now, sent.proposal)) return;
  switch (answer.error_code) {
    case ErrorCode::none: accepted(sent, answer.partition_epoch); return;
    case ErrorCode::ineligible_replica:
    case ErrorCode::operation_not_attempted:
    case ErrorCode::invalid_request:
      ++counts_.failed;
      sent.partition->proposal_refused();
      // The next fetch may lead to the same proposal at once.
      ask_again(id, kAskAgain);
      break;
    default:
      // FENCED_LEADER_EPOCH, INVALID_UPDATE_VERSION: the controller's word is on the way, and takes this one back.
      ++counts_.failed;
      ask_again(id, kAskAgain);
  }
  report(id.to_string() + ": the ISR was not changed: " + std::string(name_of(answer.error_code)));
}

void IsrSender::accepted(const Sent& sent, std::int32_t partition_epoch) {
  const TopicPartition id = sent.partition->id();
  const std::size_t before = sent.partition->leading()->isr().size();
  // The same version: the state names these already, and a member that registered anew is the one it names.
  if (partition_epoch < sent.proposal.partition_epoch) return ask_again(id, kAskAgain);
  due_.erase(id);
  sent.partition->proposal_accepted(partition_epoch);
  if (sent.proposal.isr.size() < before) ++counts_.shrinks;
  if (sent.proposal.isr.size() > before) ++counts_.expands;
  std::string members;
  for (const IsrMember& member : sent.proposal.isr) {
    members += (members.empty() ? "" : ", ") + std::to_string(member.id.value());
  }
  report(id.to_string() + ": the ISR is now " + members);
  if (sent.partition->proposal() != nullptr) propose(id);
}

}  // namespace barnabas::replication
