#include "core/broker/controller_client.hpp"

#include <algorithm>
#include <utility>

#include "core/broker/detached.hpp"
#include "core/env/timeout.hpp"
#include "core/metadata/topic_definitions.hpp"

namespace barnabas::broker {
namespace {

namespace keys = metadata::keys;

// How often it is looked whether there is another controller, and how long it is waited after a refusal.
constexpr Duration kLook = 200ms;
constexpr Duration kPauseAfterFailure = 500ms;
constexpr Duration kConnectPatience = 5s;

// What the end of a connection says about the process at its other end.
bool is_evidence(Errc code) {
  return code == Errc::connection_refused || code == Errc::connection_reset || code == Errc::end_of_stream;
}

Task<Result<void>> ended(std::shared_ptr<client::Connection> connection) {
  co_await connection->ended();
  co_return Result<void>{};
}

// The answer's strings borrow from its frame, which does not outlive the call.
protocol::AlterPartitionResponse owned(protocol::AlterPartitionResponse response) {
  for (auto& topic : response.topics) topic.topic_name = topic.topic_name.to_owned();
  return response;
}
protocol::AllocateProducerIdsResponse owned(protocol::AllocateProducerIdsResponse response) { return response; }
protocol::ControlledShutdownResponse owned(protocol::ControlledShutdownResponse response) {
  for (auto& partition : response.remaining_partitions) partition.topic_name = partition.topic_name.to_owned();
  return response;
}

Task<protocol::AlterPartitionResponse> ask_here(controller::Controller& controller,
                                                protocol::AlterPartitionRequest request) {
  return controller.alter_partition(std::move(request), protocol::AlterPartitionRequest::kMaxVersion);
}
Task<protocol::AllocateProducerIdsResponse> ask_here(controller::Controller& controller,
                                                     protocol::AllocateProducerIdsRequest request) {
  return controller.allocate_producer_ids(request);
}
Task<protocol::ControlledShutdownResponse> ask_here(controller::Controller& controller,
                                                    protocol::ControlledShutdownRequest request) {
  return controller.controlled_shutdown(request);
}

}  // namespace

std::optional<env::Endpoint> inter_broker_address(const metadata::BrokerInfo& broker, const metadata::Config& config) {
  const metadata::BrokerEndpoint* at = broker.endpoint(config.inter_broker_listener());
  if (at == nullptr) return std::nullopt;
  return env::Endpoint{at->host, at->port};
}

ControllerClient::ControllerClient(env::Env env, const metadata::Config& config, const replication::SelfInfo& self,
                                   const MetadataCache& metadata, zookeeper::Client& zookeeper)
    : env_(env),
      config_(config),
      self_(self),
      metadata_(metadata),
      zookeeper_(zookeeper),
      connecting_(env.executor, 1),
      keeping_(env.executor),
      calls_(env.executor) {}

void ControllerClient::start() { keeping_.spawn(keep()); }

// What the controller told of it, else what it registered: a new one may not have told anything yet.
Task<Result<env::Endpoint>> ControllerClient::address_of(BrokerId broker) {
  if (const metadata::BrokerInfo* known = metadata_.image().broker(broker)) {
    if (const auto at = inter_broker_address(*known, config_)) co_return *at;
  }
  B_CO_TRY(const std::optional<metadata::BrokerInfo> registered, co_await metadata::load_broker(zookeeper_, broker));
  const auto at = registered ? inter_broker_address(*registered, config_) : std::nullopt;
  if (at) co_return *at;
  co_return fail(Errc::not_found, "controller " + std::to_string(broker.value()) + " has no listener " +
                                      config_.inter_broker_listener() + "; check inter.broker.listener.name");
}

Task<Result<ControllerClient::ConnectionPtr>> ControllerClient::connect(BrokerId controller) {
  B_CO_TRY(env::Endpoint at, co_await address_of(controller));
  client::ConnectionOptions options;
  options.client_id = std::to_string(self_.id.value());
  options.connect_timeout = kConnectPatience;
  options.request_timeout = std::chrono::milliseconds(config_.get(keys::request_timeout_ms));
  co_return co_await client::Connection::connect(env_, std::move(at), std::move(options));
}

// The one there is, if it leads to the present controller; else a new one.
Task<Result<ControllerClient::ConnectionPtr>> ControllerClient::connection() {
  const Semaphore::Units turn = co_await connecting_.acquire();
  const BrokerId controller = controller_->controller_id();
  if (controller == kNoBroker) co_return fail(Errc::not_found, "no controller is known");
  if (connection_ && connected_to_ == controller && !connection_->broken()) co_return connection_;
  connection_.reset();
  B_CO_TRY(ConnectionPtr made, co_await connect(controller));
  connected_to_ = controller;
  connection_ = made;
  co_return made;
}

template <class Request>
Task<Result<typename Request::Response>> ControllerClient::call(Request request) {
  if (controller_->controller_id() == self_.id) {
    auto work = detached(env_.executor, calls_, ask_here(*controller_, std::move(request)));
    co_return co_await std::move(work);
  }
  B_CO_TRY(const ConnectionPtr connected, co_await connection());
  auto reply = co_await connected->call(std::move(request));
  if (!reply) co_return std::unexpected(std::move(reply).error());
  co_return owned(std::move(reply->message));
}

Task<Result<protocol::AlterPartitionResponse>> ControllerClient::alter_partition(
    protocol::AlterPartitionRequest request) {
  return call(std::move(request));
}

Task<Result<protocol::AllocateProducerIdsResponse>> ControllerClient::allocate_producer_ids() {
  protocol::AllocateProducerIdsRequest request;
  request.broker_id = self_.id.value();
  request.broker_epoch = self_.epoch;
  return call(request);
}

Task<Result<protocol::ControlledShutdownResponse>> ControllerClient::controlled_shutdown() {
  protocol::ControlledShutdownRequest request;
  request.broker_id = self_.id.value();
  request.broker_epoch = self_.epoch;
  return call(request);
}

Task<void> ControllerClient::keep() {
  while (true) {
    const BrokerId controller = controller_->controller_id();
    if (controller == kNoBroker || controller == self_.id) {
      co_await env_.clock.sleep_for(kLook);
      continue;
    }
    const auto connected = co_await connection();
    if (!connected) {
      if (is_evidence(connected.error().code)) controller_->suspect(controller);
      co_await env_.clock.sleep_for(kPauseAfterFailure);
      continue;
    }
    while (!(*connected)->broken() && controller_->controller_id() == controller) {
      const Instant next = env_.clock.now() + kLook;
      auto waiting = ended(*connected);
      (void)co_await env::with_deadline(env_.executor, env_.clock, next, std::move(waiting));
    }
    if (!(*connected)->broken() || !is_evidence((*connected)->failure().code)) continue;
    controller_->suspect(controller);
    co_await env_.clock.sleep_for(kLook);
  }
}

}  // namespace barnabas::broker
