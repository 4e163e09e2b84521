// One term of a controller: the shell that waits, decides one event after the other, writes and tells.
//
// What it decides is in decisions.hpp, reassignment.hpp and alter_partition.hpp. It is over once over() is set; it
// then starts nothing any more, and its owner destroys it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/controller/channel.hpp"
#include "core/controller/cluster_watch.hpp"
#include "core/controller/controller.hpp"
#include "core/controller/decisions.hpp"
#include "core/controller/fenced_writer.hpp"
#include "core/controller/peers.hpp"
#include "core/controller/reassignment.hpp"

namespace barnabas::controller {

// From the configuration, read when a term begins.
struct ControllerOptions {
  InterBroker inter_broker;
  Duration request_timeout = std::chrono::seconds(30);  // controller.socket.timeout.ms
  bool fast_failover = true;             // failover.on.refused.connection
  bool rebalance = true;                 // auto.leader.rebalance.enable
  std::int32_t rebalance_percentage = 10;  // leader.imbalance.per.broker.percentage
  Duration rebalance_interval = std::chrono::seconds(300);  // leader.imbalance.check.interval.seconds

  static ControllerOptions from(const metadata::Config& config);
};

// What a term shares with those before and after it. All outlive it.
struct TermContext {
  env::Env env;
  const metadata::Config& config;
  metadata::TopicStore& store;
  zookeeper::Client& zookeeper;
  BrokerId self;
  LocalBroker& local;
  Controller::Counts& counts;
  SuspicionBudget& budget;
};

class Term final : private Channel::Listener {
 public:
  Term(const TermContext& context, metadata::Controllership controllership);
  ~Term() override;
  Term(const Term&) = delete;
  Term& operator=(const Term&) = delete;

  void start();
  // Nothing of it goes on. Who waits for an answer gets none.
  void end(const std::string& why);
  barnabas::Event& over() { return over_; }
  // Its own broker was told of everything for the first time.
  barnabas::Event& told_self() { return told_self_; }
  const ControllerState& state() const { return state_; }
  const metadata::Controllership& controllership() const { return state_.term; }
  // Somebody cannot reach this broker: looks into it.
  void suspect(BrokerId broker);
  void count(Controller::Counts& counts) const;

  // Runs work(term) in the order in which it was asked for. Nothing: the term ended first, and it is not known what was
  // done. until_told: answers only when the controller's own broker has been told of the outcome, too. The task may
  // outlive the term.
  template <class R>
  Task<std::optional<R>> ask(std::function<Task<R>(Term&)> work, bool until_told = false);

  // ----- Requests; see controller.hpp. To be run through ask(). -----
  Task<protocol::ApiResult<metadata::TopicInfo>> create_topic(metadata::NewTopic topic);
  Task<protocol::ApiResult<std::monostate>> delete_topic(std::string name);
  Task<protocol::ApiResult<std::monostate>> add_partitions(std::string name, std::size_t present,
                                                           metadata::Assignment added);
  Task<protocol::AlterPartitionResponse> alter_partition(protocol::AlterPartitionRequest request, std::int16_t version);
  Task<protocol::ControlledShutdownResponse> controlled_shutdown(protocol::ControlledShutdownRequest request);
  Task<protocol::ElectLeadersResponse> elect_leaders(protocol::ElectLeadersRequest request);
  Task<protocol::AlterPartitionReassignmentsResponse> alter_reassignments(
      protocol::AlterPartitionReassignmentsRequest request);
  Task<protocol::ListPartitionReassignmentsResponse> list_reassignments(
      protocol::ListPartitionReassignmentsRequest request);
  Task<protocol::AllocateProducerIdsResponse> allocate_producer_ids(protocol::AllocateProducerIdsRequest request);

 private:
  // In the order in which they are looked at.
  enum class Work : std::uint8_t {
    brokers,
    suspicions,
    topics,
    deletions,
    stops,
    log_statuses,
    log_dir_events,
    config_changes,
    reassignment_orders,
    reassignments,
    preferred_elections,
    isr_changes,
    recheck,
    rebalance,
  };
  struct AnswerBase {
    explicit AnswerBase(Executor& executor) : done(executor) {}
    virtual ~AnswerBase() = default;
    barnabas::Event done;
  };
  template <class R>
  struct Answer final : AnswerBase {
    using AnswerBase::AnswerBase;
    std::optional<R> value;
  };
  using Job = std::function<Task<void>(Term&)>;
  // A topic that is being deleted: which replicas have not said yet that they are gone.
  struct Deletion {
    std::map<TopicPartition, std::set<BrokerId>> waiting;
  };
  struct Suspicion {
    BrokerId broker;
    std::int64_t epoch = -1;
    Verdict verdict = Verdict::unknown;
  };

  // term.cpp
  Task<void> run();
  Task<Result<void>> handle(Work work);
  void due(Work work);
  Task<void> retry_later(Work work);
  Task<void> repeat_rebalance();
  bool ended() const { return over_.is_set(); }
  bool goes_on() const;
  template <class R>
  static Task<void> run_job(Term& term, std::shared_ptr<Answer<R>> answer, std::function<Task<R>(Term&)> work,
                            bool until_told);
  void enqueue(std::shared_ptr<AnswerBase> answer, Job job);
  void finish(std::shared_ptr<AnswerBase> answer, bool until_told);
  Task<void> finish_when_told(std::shared_ptr<AnswerBase> answer);
  Task<void> until_own_broker_knows(Duration patience);
  static Task<Result<void>> told(Channel& channel);
  void info(const std::string& line) const { context_.env.logger.log(env::LogLevel::info, "controller", line); }
  void warn(const std::string& line) const { context_.env.logger.log(env::LogLevel::warn, "controller", line); }

  // term_start.cpp
  Task<Result<void>> start_up();
  Task<Result<void>> load_topics();
  Task<Result<void>> load_topic(std::string name);
  Task<Result<void>> load_state(TopicPartition id);
  Task<Result<void>> load_config(std::string topic);
  Task<void> probe_all();
  Task<Result<void>> probe_one(metadata::BrokerInfo broker);
  Task<void> watch_first_contact();

  // term_states.cpp
  Task<Result<void>> write_changes(std::vector<StateChange> changes);
  Task<Result<void>> write_chunk(std::vector<StateChange> chunk, std::optional<std::int32_t> incarnations);
  void apply(const StateChange& change);
  Task<Result<void>> create_missing_states();
  Task<Result<void>> create_states(std::string topic);
  Task<Result<void>> create_state_chunk(std::string topic, std::vector<std::size_t> indexes,
                                        std::set<std::string> present);
  void tell(const TopicPartition& id, bool is_new = false);
  void tell_metadata(const TopicPartition& id);
  void refresh_policies();
  Task<Result<void>> recheck();

  // term_brokers.cpp
  void changed(ClusterWatch::What what);
  Task<Result<void>> on_brokers();
  Task<Result<void>> on_suspicions();
  bool judge(const Suspicion& suspicion);
  Task<Result<void>> on_liveness();
  void open_channel(const metadata::BrokerInfo& broker);
  void forget_life(BrokerId broker);
  Task<void> look_into(BrokerId broker, std::int64_t epoch, env::Endpoint at);
  Task<Result<void>> on_log_statuses();
  Task<Result<void>> on_log_dir_events();
  Task<Result<void>> on_isr_changes();
  Task<Result<void>> on_preferred_elections();
  Task<Result<void>> on_rebalance();
  Task<Result<void>> remove_notifications(std::string folder, std::vector<std::string> names);
  void replicas_stopped(BrokerId broker, std::vector<Stopped> answers) override;
  void logs_answered(BrokerId broker, std::vector<LogStatus> logs) override;
  void reached(BrokerId broker, std::int64_t epoch) override;
  void refused(BrokerId broker, std::int64_t epoch) override;

  // term_topics.cpp
  Task<Result<void>> on_topics();
  Task<Result<void>> on_topic(std::string name);
  Task<Result<void>> give_id(std::string name);
  void topic_vanished(const std::string& name);
  Task<Result<void>> on_deletions();
  void begin_deletion(const std::string& name);
  Task<Result<void>> on_stops();
  Task<Result<void>> finish_deletion(std::string name);
  Task<Result<void>> remove_partitions(std::string name);
  Task<Result<WriteOutcome>> write_creation(metadata::TopicInfo info);
  Task<Result<void>> on_config_changes();

  // term_reassignments.cpp
  Task<Result<void>> on_reassignment_orders();
  Task<Result<void>> on_reassignments();
  Task<protocol::ApiResult<void>> reassign(TopicPartition id, std::optional<std::vector<BrokerId>> target,
                                           bool may_change_factor);
  Task<Result<void>> move(TopicPartition id);
  Task<Result<void>> finish_reassignment(TopicPartition id);
  zookeeper::Op topic_write(const TopicEntry& topic) const;

  TermContext context_;
  ControllerOptions options_;
  ControllerState state_;
  barnabas::Event over_;
  barnabas::Event told_self_;
  FencedWriter writer_;
  bool started_ = false;
  std::set<Work> due_;
  std::deque<Job> jobs_;
  std::vector<std::shared_ptr<AnswerBase>> unanswered_;
  Notification woken_;
  std::vector<Suspicion> suspicions_;
  std::vector<std::pair<BrokerId, Stopped>> stops_;
  std::vector<std::pair<BrokerId, LogStatus>> log_statuses_;
  std::set<TopicPartition> recheck_;
  std::set<std::string> retry_topics_;
  std::map<std::string, Deletion> deletions_;
  std::set<TopicPartition> reassigning_;                         // Whose next step may be due.
  std::map<TopicPartition, std::set<BrokerId>> leaving_;  // Of reassignments: who has not removed its log yet.
  // Of the incarnations that state_.brokers has heeded.
  std::optional<std::int32_t> incarnations_;
  std::set<std::string> seen_config_changes_;
  std::map<BrokerId, std::unique_ptr<Channel>> channels_;
  std::unique_ptr<ClusterWatch> watch_;
  Scope scope_;  // Last: its tasks use the rest.
};

template <class R>
Task<void> Term::run_job(Term& term, std::shared_ptr<Answer<R>> answer, std::function<Task<R>(Term&)> work,
                         bool until_told) {
  auto working = work(term);
  answer->value = co_await std::move(working);
  // What was done in a term that is over may have been refused, without anybody having heard of it.
  if (term.ended()) answer->value.reset();
  term.finish(std::move(answer), until_told);
}

template <class R>
Task<std::optional<R>> Term::ask(std::function<Task<R>(Term&)> work, bool until_told) {
  auto answer = std::make_shared<Answer<R>>(context_.env.executor);
  enqueue(answer, [answer, work = std::move(work), until_told](Term& term) {
    return run_job<R>(term, answer, work, until_told);
  });
  co_await answer->done.wait();
  co_return std::move(answer->value);
}

}  // namespace barnabas::controller
