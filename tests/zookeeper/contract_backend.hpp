// What the contract of a ZooKeeper is held against: the same suite on each of these.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/zookeeper/session_client/session_client.hpp"

namespace barnabas::zookeeper {

// A place where clients run, and servers for them.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual env::Env env() = 0;
  // "host:port,…"; empty when there is no port to connect to.
  virtual std::string servers() = 0;
  // Only where servers() is empty.
  virtual Result<std::unique_ptr<Client>> connect_inside() { return fail(Errc::unsupported, "no inside"); }
  virtual void run(Task<void> task) = 0;
};

// "ensemble": the simulated one. "embedded": the embedded server over its port, simulated. "inside": the same without a
// port. "apache": the real servers that BARNABAS_ZOOKEEPER names; left out when it is not set.
std::vector<std::string> backend_names();
std::unique_ptr<Backend> make_backend(const std::string& name);

}  // namespace barnabas::zookeeper
