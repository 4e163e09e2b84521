#include "core/zookeeper/session_client/connect_string.hpp"

#include <charconv>
#include <utility>

#include "core/zookeeper/path.hpp"

namespace barnabas::zookeeper {

namespace {

std::unexpected<Error> bad(std::string_view part, std::string_view why) {
  return fail(Errc::invalid_argument, "zookeeper.connect: \"" + std::string(part) + "\" " + std::string(why) +
                                          "; write host:port,host:port/chroot");
}

Result<std::uint16_t> parse_port(std::string_view server, std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) {
    return bad(server, "has no port between 1 and 65535");
  }
  return port;
}

Result<env::Endpoint> parse_server(std::string_view server) {
  env::Endpoint endpoint;
  endpoint.port = kDefaultPort;
  std::string_view rest = server;
  if (server.starts_with('[')) {
    const std::size_t close = server.find(']');
    if (close == std::string_view::npos) return bad(server, "has an opening bracket only");
    endpoint.host = std::string(server.substr(1, close - 1));
    rest = server.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':')) return bad(server, "has something behind the bracket");
  } else {
    const std::size_t colon = server.find(':');
    endpoint.host = std::string(server.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : server.substr(colon);
  }
  if (endpoint.host.empty()) return bad(server, "names no host");
  if (!rest.empty()) {
    B_TRY(endpoint.port, parse_port(server, rest.substr(1)));
  }
  return endpoint;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string ConnectString::to_string() const {
  std::string text;
  for (const env::Endpoint& server : servers) {
    if (!text.empty()) text += ',';
    text += server.to_string();
  }
  return text + chroot;
}

Result<ConnectString> parse_connect_string(std::string_view text) {
  text = trim(text);
  ConnectString result;
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view chroot = text.substr(slash);
    if (!is_valid_path(chroot)) return bad(chroot, "is no path of a znode");
    if (chroot != "/") result.chroot = std::string(chroot);
    text = text.substr(0, slash);
  }
  while (true) {
    const std::size_t comma = text.find(',');
    B_TRY(env::Endpoint server, parse_server(trim(text.substr(0, comma))));
    result.servers.push_back(std::move(server));
    if (comma == std::string_view::npos) return result;
    text = text.substr(comma + 1);
  }
}

ServerList::ServerList(std::vector<env::Endpoint> servers, env::Random& random) : servers_(std::move(servers)) {
  B_CHECK(!servers_.empty());
  for (std::size_t i = servers_.size() - 1; i > 0; --i) std::swap(servers_[i], servers_[random.next() % (i + 1)]);
}

const env::Endpoint& ServerList::next() {
  const env::Endpoint& server = servers_[next_];
  next_ = (next_ + 1) % servers_.size();
  return server;
}

}  // namespace barnabas::zookeeper
