#include "core/controller/controller.hpp"

#include "core/controller/elector.hpp"

namespace barnabas::controller {

namespace {

using protocol::ErrorCode;

protocol::ApiError not_controller() {
  return {ErrorCode::not_controller, "This broker is not the controller, or was not any more when this was done."};
}

// What was decoded borrows from a frame that the caller keeps as long as it waits; a request may be carried out after
// that.
protocol::AlterPartitionRequest owned(protocol::AlterPartitionRequest request) {
  for (auto& topic : request.topics) topic.topic_name = topic.topic_name.to_owned();
  return request;
}
protocol::ElectLeadersRequest owned(protocol::ElectLeadersRequest request) {
  if (!request.topic_partitions) return request;
  for (auto& topic : *request.topic_partitions) topic.topic = topic.topic.to_owned();
  return request;
}
protocol::AlterPartitionReassignmentsRequest owned(protocol::AlterPartitionReassignmentsRequest request) {
  for (auto& topic : request.topics) topic.name = topic.name.to_owned();
  return request;
}
protocol::ListPartitionReassignmentsRequest owned(protocol::ListPartitionReassignmentsRequest request) {
  if (!request.topics) return request;
  for (auto& topic : *request.topics) topic.name = topic.name.to_owned();
  return request;
}

template <class Response>
Response refused() {
  Response response;
  response.error_code = ErrorCode::not_controller;
  return response;
}

}  // namespace

class Controller::Impl {
 public:
  Impl(env::Env env, const metadata::Config& config, metadata::TopicStore& store, zookeeper::Client& zookeeper,
       BrokerId self, LocalBroker& local)
      : elector(TermContext{env, config, store, zookeeper, self, local, counts, budget}) {}

  // The term's answer; nothing: there is no term, or it ended meanwhile.
  template <class R>
  Task<std::optional<R>> ask(std::function<Task<R>(Term&)> work, bool until_told = false) {
    Term* term = elector.term();
    if (term == nullptr) co_return std::nullopt;
    auto asking = term->ask<R>(std::move(work), until_told);
    co_return co_await std::move(asking);
  }
  // The same for a message whose error code says that there is no controller here.
  template <class R>
  Task<R> answer(std::function<Task<R>(Term&)> work) {
    auto asking = ask<R>(std::move(work));
    auto answer = co_await std::move(asking);
    co_return answer ? std::move(*answer) : refused<R>();
  }
  template <class T>
  Task<protocol::ApiResult<T>> result(std::function<Task<protocol::ApiResult<T>>(Term&)> work, bool until_told) {
    auto asking = ask<protocol::ApiResult<T>>(std::move(work), until_told);
    auto answer = co_await std::move(asking);
    if (answer) co_return std::move(*answer);
    co_return std::unexpected(not_controller());
  }

  Controller::Counts counts;
  SuspicionBudget budget;
  Elector elector;
};

Controller::Controller(env::Env env, const metadata::Config& config, metadata::TopicStore& store,
                       zookeeper::Client& zookeeper, BrokerId self, LocalBroker& local)
    : impl_(std::make_unique<Impl>(env, config, store, zookeeper, self, local)) {}

Controller::~Controller() = default;

Task<Result<void>> Controller::start() {
  impl_->elector.start();
  return impl_->elector.settled();
}

Task<Result<void>> Controller::session_renewed() { return start(); }

void Controller::session_lost() { impl_->elector.halt(); }

void Controller::suspect(BrokerId peer) { impl_->elector.suspect(peer); }

std::optional<metadata::Controllership> Controller::term() const {
  const Term* term = std::as_const(impl_->elector).term();
  if (term == nullptr) return std::nullopt;
  return term->controllership();
}

BrokerId Controller::controller_id() const { return impl_->elector.controller(); }

Controller::Counts Controller::counts() const {
  Counts counts = impl_->counts;
  if (const Term* term = std::as_const(impl_->elector).term()) term->count(counts);
  return counts;
}

Task<void> Controller::stop() { return impl_->elector.stop(); }

Task<protocol::ApiResult<metadata::TopicInfo>> Controller::create_topic(metadata::NewTopic topic) {
  return impl_->result<metadata::TopicInfo>([topic = std::move(topic)](Term& term) { return term.create_topic(topic); },
                                            true);
}

Task<protocol::ApiResult<std::monostate>> Controller::delete_topic(std::string name) {
  return impl_->result<std::monostate>([name = std::move(name)](Term& term) { return term.delete_topic(name); }, false);
}

Task<protocol::ApiResult<std::monostate>> Controller::add_partitions(std::string name, std::size_t present,
                                                                     metadata::Assignment added) {
  return impl_->result<std::monostate>(
      [name = std::move(name), present, added = std::move(added)](Term& term) {
        return term.add_partitions(name, present, added);
      },
      true);
}

Task<protocol::AlterPartitionResponse> Controller::alter_partition(protocol::AlterPartitionRequest request,
                                                                   std::int16_t version) {
  return impl_->answer<protocol::AlterPartitionResponse>(
      [request = owned(std::move(request)), version](Term& term) { return term.alter_partition(request, version); });
}

Task<protocol::ControlledShutdownResponse> Controller::controlled_shutdown(
    protocol::ControlledShutdownRequest request) {
  return impl_->answer<protocol::ControlledShutdownResponse>(
      [request](Term& term) { return term.controlled_shutdown(request); });
}

Task<protocol::ElectLeadersResponse> Controller::elect_leaders(protocol::ElectLeadersRequest request) {
  return impl_->answer<protocol::ElectLeadersResponse>(
      [request = owned(std::move(request))](Term& term) { return term.elect_leaders(request); });
}

Task<protocol::AlterPartitionReassignmentsResponse> Controller::alter_reassignments(
    protocol::AlterPartitionReassignmentsRequest request) {
  return impl_->answer<protocol::AlterPartitionReassignmentsResponse>(
      [request = owned(std::move(request))](Term& term) { return term.alter_reassignments(request); });
}

Task<protocol::ListPartitionReassignmentsResponse> Controller::list_reassignments(
    protocol::ListPartitionReassignmentsRequest request) {
  return impl_->answer<protocol::ListPartitionReassignmentsResponse>(
      [request = owned(std::move(request))](Term& term) { return term.list_reassignments(request); });
}

Task<protocol::AllocateProducerIdsResponse> Controller::allocate_producer_ids(
    protocol::AllocateProducerIdsRequest request) {
  return impl_->answer<protocol::AllocateProducerIdsResponse>(
      [request](Term& term) { return term.allocate_producer_ids(request); });
}

}  // namespace barnabas::controller
