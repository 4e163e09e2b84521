// This broker's way to the controller, wherever it is: by a call to the one in this process, over the network to
// another's, on the listener that brokers use among themselves.
//
// The connection is kept open, and opened again when the controller changes: its end is the first sign that the
// controller is gone, and Controller::suspect() is told.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/broker/metadata_cache.hpp"
#include "core/client/connection.hpp"
#include "core/controller/controller.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"
#include "core/replication/controller_channel.hpp"
#include "core/replication/replica_manager.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::broker {

class ControllerClient final : public replication::ControllerChannel {
 public:
  // All of these outlive this.
  ControllerClient(env::Env env, const metadata::Config& config, const replication::SelfInfo& self,
                   const MetadataCache& metadata, zookeeper::Client& zookeeper);

  // The controller in this process, which knows where the present one is. Before anything else.
  void attach(controller::Controller& controller) { controller_ = &controller; }
  // Keeps the connection from now on.
  void start();
  // Opens and tells nothing by itself any more; calls are still made.
  void stop() { keeping_.cancel(); }
  // Destroys what is under way in the controller of this process, which may be destroyed now; its callers wait for
  // ever.
  void abandon() { calls_.cancel(); }

  // One try each. Errors: not_found (no controller is known); those of the connection: it is not known whether it
  // took effect.
  Task<Result<protocol::AlterPartitionResponse>> alter_partition(protocol::AlterPartitionRequest request) override;
  Task<Result<protocol::AllocateProducerIdsResponse>> allocate_producer_ids();
  Task<Result<protocol::ControlledShutdownResponse>> controlled_shutdown();

 private:
  using ConnectionPtr = std::shared_ptr<client::Connection>;

  template <class Request>
  Task<Result<typename Request::Response>> call(Request request);
  Task<Result<ConnectionPtr>> connection();
  Task<Result<ConnectionPtr>> connect(BrokerId controller);
  Task<Result<env::Endpoint>> address_of(BrokerId broker);
  Task<void> keep();

  env::Env env_;
  const metadata::Config& config_;
  const replication::SelfInfo& self_;
  controller::Controller* controller_ = nullptr;
  const MetadataCache& metadata_;
  zookeeper::Client& zookeeper_;
  BrokerId connected_to_ = kNoBroker;
  ConnectionPtr connection_;
  Semaphore connecting_;
  Scope keeping_;
  Scope calls_;  // Last: destroyed first.
};

// Where a broker is to be reached by others; nothing: it has no such listener.
std::optional<env::Endpoint> inter_broker_address(const metadata::BrokerInfo& broker, const metadata::Config& config);

}  // namespace barnabas::broker
