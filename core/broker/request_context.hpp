// What a handler knows of the request it answers, besides the request itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/async/event.hpp"
#include "core/broker/metrics.hpp"
#include "core/env/network.hpp"
#include "core/protocol/header.hpp"

namespace barnabas::broker {

struct Services;

enum class Operation : std::uint8_t {
  read,
  write,
  create,
  remove,
  alter,
  describe,
  cluster_action,
  describe_configs,
  alter_configs,
  idempotent_write,
};
enum class Resource : std::uint8_t { topic, group, cluster, transactional_id };

// The name of the one resource of kind cluster.
inline constexpr std::string_view kClusterResource = "kafka-cluster";

// Who may do what. Allows everything until security is built; handlers ask it from the first day.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual bool allows(std::string_view principal, std::string_view host, Operation operation, Resource type,
                      std::string_view name) const = 0;
};

class AllowAll final : public Authorizer {
 public:
  bool allows(std::string_view, std::string_view, Operation, Resource, std::string_view) const override { return true; }
};

// One listener: its name, and the address that clients are told to connect to.
struct ListenerInfo {
  std::string name = "PLAINTEXT";
  env::Endpoint advertised;
};

// Lives as long as its request is being answered; outlives the handler's frame.
struct RequestContext {
  RequestContext(Services& all, Executor& executor) : services(all), dispatched(executor), at_front(executor) {}

  Services& services;
  protocol::RequestHeader header;
  std::string principal = "User:ANONYMOUS";
  std::string client_host;
  ListenerInfo listener;
  // Milliseconds that the client is asked to stay away; 0 until quotas are built.
  std::int32_t throttle_ms = 0;
  // Set by a handler when its effects have their place in the order of things, so that the next request of the
  // same connection may begin while this one waits. At the latest set when the handler is done.
  Event dispatched;
  // Set when the answers to all earlier requests of the connection are written.
  Event at_front;
  // Memory of a budget that others wait for; given back when the answer is written. Taken only at the front.
  std::optional<Semaphore::Units> held;
  // How it is counted. Set by the handler.
  Metrics::Kind kind = Metrics::Kind::all;

  std::int16_t version() const { return header.api_version; }
  std::string_view client_id() const { return header.client_id ? header.client_id->view() : std::string_view(); }
  bool allowed(Operation operation, Resource type, std::string_view name) const;
};

}  // namespace barnabas::broker
