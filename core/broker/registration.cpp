#include "core/broker/registration.hpp"

#include <algorithm>

#include "core/metadata/topic_definitions.hpp"

namespace barnabas::broker {
namespace {

bool is_any_address(std::string_view host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

}  // namespace

Result<std::vector<metadata::BrokerEndpoint>> advertised_endpoints(const env::Env& env, const metadata::Config& config,
                                                                   const std::vector<BoundListener>& bound) {
  B_TRY(const auto advertised, config.advertised_listeners());
  std::vector<metadata::BrokerEndpoint> result;
  for (const metadata::ListenerSpec& spec : advertised) {
    result.push_back({spec.name, spec.security_protocol, spec.host, spec.port});
  }
  if (!result.empty()) return result;
  for (const BoundListener& listener : bound) {
    const env::Endpoint& at = listener.info.advertised;
    result.push_back({listener.info.name, "PLAINTEXT", is_any_address(at.host) ? env.host.name() : at.host, at.port});
  }
  return result;
}

Task<Result<void>> Registration::enter(metadata::BrokerInfo broker) {
  B_CO_TRY(const auto others, co_await metadata::load_brokers(zookeeper_));
  for (const auto& [id, other] : others) {
    if (id == broker.id) continue;
    for (const metadata::BrokerEndpoint& own : broker.endpoints) {
      const bool taken = std::ranges::any_of(other.endpoints, [&](const metadata::BrokerEndpoint& its) {
        return its.host == own.host && its.port == own.port;
      });
      if (!taken) continue;
      co_return fail(Errc::invalid_argument, "advertised.listeners: broker " + std::to_string(id.value()) +
                                                 " advertises " + own.host + ":" + std::to_string(own.port) +
                                                 " already; set listeners or advertised.listeners to an address of "
                                                 "this broker alone");
    }
  }
  broker_ = broker;
  B_CO_TRY(self_.epoch, co_await store_.register_broker(std::move(broker), env_.clock.wall()));
  co_return Result<void>{};
}

Task<Result<void>> Registration::enter_again(zookeeper::SessionId former) {
  metadata::BrokerInfo broker = broker_;
  B_CO_TRY(const std::int64_t epoch, co_await store_.register_broker(std::move(broker), env_.clock.wall(), former));
  self_.epoch = epoch;
  env_.logger.log(env::LogLevel::info, "broker",
                  "registered anew with epoch " + std::to_string(epoch) + ", after a lost ZooKeeper session");
  co_return Result<void>{};
}

}  // namespace barnabas::broker
