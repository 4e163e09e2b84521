#include "core/controller/term.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/mutant.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::controller {

namespace {

// Requests that wait for their turn. More are sent away: the caller asks again.
constexpr std::size_t kMaxJobs = 10'000;
constexpr Duration kRetry = std::chrono::seconds(1);

std::int64_t number(const metadata::Config& config, std::string_view key, std::int64_t otherwise) {
  const auto text = config.text(key);
  if (!text) return otherwise;
  std::int64_t value = otherwise;
  const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return error == std::errc() && stop == text->data() + text->size() ? value : otherwise;
}

bool flag(const metadata::Config& config, std::string_view key, bool otherwise) {
  const auto text = config.text(key);
  return text ? *text == "true" : otherwise;
}

}  // namespace

ControllerOptions ControllerOptions::from(const metadata::Config& config) {
  ControllerOptions options;
  options.inter_broker.listener = config.text("inter.broker.listener.name");
  options.inter_broker.protocol = config.text("security.inter.broker.protocol").value_or("PLAINTEXT");
  options.fast_failover = flag(config, "failover.on.refused.connection", true);
  options.rebalance = flag(config, "auto.leader.rebalance.enable", true);
  options.rebalance_percentage =
      static_cast<std::int32_t>(number(config, "leader.imbalance.per.broker.percentage", 10));
  options.rebalance_interval =
      std::chrono::seconds(std::max<std::int64_t>(1, number(config, "leader.imbalance.check.interval.seconds", 300)));
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

Task<void> Term::run() {
  const auto began = co_await start_up();
  if (!began) {
    end(began.error().to_string());
    co_return;
  }
  started_ = true;
  if (options_.rebalance) scope_.spawn(repeat_rebalance());
  // Every event asks anew whether the term still lasts (KAFKA-4447).
  while (!ended() || BARNABAS_MUTANT(resigned_controller_goes_on)) {
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
    if (!jobs_.empty() && !ended()) {
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
  const auto own = channels_.find(context_.self);
  if (own != channels_.end()) {
    Channel& channel = *own->second;
    co_await channel.told(channel.noted());
  }
  finish(std::move(answer), false);
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
