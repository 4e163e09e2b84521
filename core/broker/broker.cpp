#include "core/broker/broker.hpp"

#include "core/broker/node.hpp"

namespace barnabas::broker {

Broker::Broker(std::unique_ptr<Node> node) : node_(std::move(node)) {}
Broker::~Broker() = default;

Task<Result<std::unique_ptr<Broker>>> Broker::start(env::Env env, metadata::Config config, PartitionsOpened opened) {
  auto node = std::make_unique<Node>(env, std::move(config), std::move(opened));
  B_CO_TRY_VOID(co_await node->start());
  co_return std::unique_ptr<Broker>(new Broker(std::move(node)));
}

env::Endpoint Broker::bound() const { return node_->bound(); }

Task<void> Broker::stop() { return node_->stop(); }

}  // namespace barnabas::broker
