#include "core/controller/term.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/env/timeout.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::controller {

namespace {

// Requests that wait for their turn. More are sent away: the caller asks again.
constexpr std::size_t kMaxJobs = 10'000;
constexpr Duration kRetry = std::chrono::seconds(1);
// How long an answer waits for the controller's own broker to take what it is told.
constexpr Duration kTellPatience = std::chrono::seconds(5);
// For the others: one that hangs does not hold up an answer for longer.
constexpr Duration kTellOthersPatience = std::chrono::milliseconds(500);

}  // namespace

ControllerOptions ControllerOptions::from(const metadata::Config& config) {
  namespace keys = metadata::keys;
  ControllerOptions options;
  options.inter_broker.listener = config.inter_broker_listener();
  options.inter_broker.protocol = config.get(keys::security_inter_broker_protocol);
  options.request_timeout = std::chrono::milliseconds(config.get(keys::controller_socket_timeout_ms));
  options.fast_failover = config.get(keys::failover_on_refused_connection);
  options.rebalance = config.get(keys::auto_leader_rebalance_enable);
  options.rebalance_percentage = config.get(keys::leader_imbalance_per_broker_percentage);
  options.rebalance_interval = std::chrono::seconds(config.get(keys::leader_imbalance_check_interval_seconds));
  return options;
}

Term::Term(const TermContext& context, metadata::Controllership controllership)
    : context_(context),
      options_(ControllerOptions::from(context.config)),
      over_(context.env.executor),
      told_self_(context.env.executor),
      writer_(
          context.env, context.zookeeper, controllership, [this] { return ended(); },
          [this](const std::string& why) { end(why); }),
      woken_(context.env.executor),
      scope_(context.env.executor) {
  state_.term = controllership;
  state_.self = context.self;
}

Term::~Term() { end("stopped"); }

void Term::start() { scope_.spawn(run()); }

void Term::end(const std::string& why) {
  if (ended()) return;
  info("epoch " + std::to_string(state_.term.epoch) + " is over: " + why);
  over_.set();
  for (const auto& answer : unanswered_) answer->done.set();
  unanswered_.clear();
  woken_.notify_all();
}

void Term::due(Work work) {
  due_.insert(work);
  woken_.notify_all();
}

// Every event asks anew whether the term still lasts (KAFKA-4447).
bool Term::goes_on() const { return !ended() || BARNABAS_MUTANT(resigned_controller_goes_on); }

Task<void> Term::run() {
  const auto began = co_await start_up();
  if (!began) {
    end(began.error().to_string());
    co_return;
  }
  started_ = true;
  if (options_.rebalance) scope_.spawn(repeat_rebalance());
  while (goes_on()) {
    if (due_.empty() && jobs_.empty()) {
      co_await woken_.wait();
      continue;
    }
    if (!due_.empty()) {
      const Work work = *due_.begin();
      due_.erase(due_.begin());
      const auto done = co_await handle(work);
      if (!done && !ended()) {
        warn("will try again: " + done.error().to_string());
        scope_.spawn(retry_later(work));
      }
    }
    if (!jobs_.empty() && goes_on()) {
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      auto running = job(*this);
      co_await std::move(running);
    }
  }
}

Task<Result<void>> Term::handle(Work work) {
  switch (work) {
    case Work::brokers: return on_brokers();
    case Work::suspicions: return on_suspicions();
    case Work::topics: return on_topics();
    case Work::deletions: return on_deletions();
    case Work::stops: return on_stops();
    case Work::log_statuses: return on_log_statuses();
    case Work::log_dir_events: return on_log_dir_events();
    case Work::config_changes: return on_config_changes();
    case Work::reassignment_orders: return on_reassignment_orders();
    case Work::reassignments: return on_reassignments();
    case Work::preferred_elections: return on_preferred_elections();
    case Work::isr_changes: return on_isr_changes();
    case Work::recheck: return recheck();
    case Work::rebalance: return on_rebalance();
  }
  return {};
}

Task<void> Term::retry_later(Work work) {
  co_await context_.env.clock.sleep_for(kRetry);
  due(work);
}

Task<void> Term::repeat_rebalance() {
  while (true) {
    co_await context_.env.clock.sleep_for(options_.rebalance_interval);
    due(Work::rebalance);
  }
}

void Term::enqueue(std::shared_ptr<AnswerBase> answer, Job job) {
  if (ended() || jobs_.size() >= kMaxJobs) {
    answer->done.set();
    return;
  }
  unanswered_.push_back(std::move(answer));
  jobs_.push_back(std::move(job));
  woken_.notify_all();
}

void Term::finish(std::shared_ptr<AnswerBase> answer, bool until_told) {
  if (until_told && !ended()) {
    scope_.spawn(finish_when_told(std::move(answer)));
    return;
  }
  answer->done.set();
  std::erase(unanswered_, answer);
}

Task<void> Term::finish_when_told(std::shared_ptr<AnswerBase> answer) {
  co_await until_own_broker_knows(kTellPatience);
  // The others, too, so that a client that uses a new topic at once finds its leaders leading: old producers do not
  // try again.
  const Instant deadline = context_.env.clock.now() + kTellOthersPatience;
  std::vector<BrokerId> others;
  for (const auto& [id, channel] : channels_) others.push_back(id);
  for (const BrokerId id : others) {
    const auto other = channels_.find(id);
    if (other == channels_.end()) continue;
    auto telling = told(*other->second);
    (void)co_await env::with_deadline(context_.env.executor, context_.env.clock, deadline, std::move(telling));
  }
  finish(std::move(answer), false);
}

Task<Result<void>> Term::told(Channel& channel) {
  co_await channel.told(channel.noted());
  co_return Result<void>();
}

// What was noted so far. A courtesy to whoever asks: what was written counts, whatever the own broker makes of it.
Task<void> Term::until_own_broker_knows(Duration patience) {
  const auto own = channels_.find(context_.self);
  if (own == channels_.end()) co_return;
  auto telling = told(*own->second);
  const Instant deadline = context_.env.clock.now() + patience;
  (void)co_await env::with_deadline(context_.env.executor, context_.env.clock, deadline, std::move(telling));
}

void Term::count(Controller::Counts& counts) const {
  counts.active = started_ && !ended();
  const LiveBrokers live = state_.live();
  counts.topics = state_.topics.size();
  for (const auto& [name, topic] : state_.topics) {
    counts.partitions += topic.partitions.size();
    for (const PartitionEntry& partition : topic.partitions) {
      if (topic.deleting) continue;
      if (is_offline(partition, live)) ++counts.offline_partitions;
      if (!partition.record || partition.replicas.empty()) continue;
      if (partition.record->leader != partition.replicas.front()) ++counts.preferred_imbalance;
    }
  }
}

}  // namespace barnabas::controller
