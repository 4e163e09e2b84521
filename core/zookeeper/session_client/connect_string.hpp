// Where the ZooKeeper servers are: "host:port,host:port/chroot", as in zookeeper.connect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/env/env.hpp"

namespace barnabas::zookeeper {

inline constexpr std::uint16_t kDefaultPort = 2181;

struct ConnectString {
  std::vector<env::Endpoint> servers;  // At least one.
  std::string chroot;                  // Empty, or a path other than the root, which is put before every path.

  std::string to_string() const;
};

// A port may be left out; an IPv6 address stands in brackets. invalid_argument says what is wrong.
Result<ConnectString> parse_connect_string(std::string_view text);

// Which server to try next: all of them in turn, in an order drawn once, so that the clients of an ensemble spread.
class ServerList {
 public:
  // servers: at least one.
  ServerList(std::vector<env::Endpoint> servers, env::Random& random);

  const env::Endpoint& next();
  std::size_t size() const { return servers_.size(); }

 private:
  std::vector<env::Endpoint> servers_;
  std::size_t next_ = 0;
};

}  // namespace barnabas::zookeeper
