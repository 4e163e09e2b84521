#include "core/zookeeper/server/wire_server.hpp"

#include <algorithm>
#include <utility>

#include "core/zookeeper/server/wire_connection.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::string_view kComponent = "zookeeper";
// After a failed accept (too many open files, say), so that the loop does not spin.
constexpr Duration kAcceptPause = 100ms;
constexpr Duration kLineInterval = 1s;

}  // namespace

WireServer::WireServer(Engine& engine, WireOptions options, std::unique_ptr<env::Listener> listener)
    : engine_(engine), options_(std::move(options)), listener_(std::move(listener)), scope_(engine.env().executor) {}

WireServer::~WireServer() = default;

Task<Result<std::unique_ptr<WireServer>>> WireServer::listen(Engine& engine, WireOptions options) {
  auto listener = co_await engine.env().network.listen(options.at);
  if (!listener) co_return std::unexpected(std::move(listener).error());
  std::unique_ptr<WireServer> server(new WireServer(engine, std::move(options), std::move(*listener)));
  server->scope_.spawn(server->accept());
  co_return server;
}

Task<void> WireServer::accept() {
  while (!stopped_) {
    auto stream = co_await listener_->accept();
    if (stopped_) co_return;
    if (!stream) {
      if (stream.error().code == Errc::closed) co_return;
      complain("accept: " + stream.error().to_string());
      co_await engine_.env().clock.sleep_for(kAcceptPause);
      continue;
    }
    if (has_room_for((*stream)->peer())) scope_.spawn(serve(*std::move(stream)));
  }
}

bool WireServer::has_room_for(const env::Endpoint& peer) {
  if (connections_.size() >= options_.max_connections) {
    complain("a connection from " + peer.to_string() + " was refused: there are " +
             std::to_string(options_.max_connections) + " already");
    return false;
  }
  const auto same_host = per_host_.find(peer.host);
  const std::size_t count = same_host == per_host_.end() ? 0 : same_host->second;
  if (options_.max_connections_per_host == 0 || count < options_.max_connections_per_host) return true;
  complain("a connection from " + peer.to_string() + " was refused: its host has " + std::to_string(count) +
           " already (maxClientCnxns)");
  return false;
}

Task<void> WireServer::serve(std::unique_ptr<env::Stream> stream) {
  const std::string host = stream->peer().host;
  const std::uint64_t number = next_++;
  WireConnection connection(*this, std::move(stream));
  connections_[number] = &connection;
  ++per_host_[host];
  engine_.journal().set_gathers(connections_.size() > 1);
  co_await connection.serve();
  connections_.erase(number);
  engine_.journal().set_gathers(connections_.size() > 1);
  if (--per_host_[host] == 0) per_host_.erase(host);
}

void WireServer::stop() {
  stopped_ = true;
  listener_->close();
  scope_.cancel();
  connections_.clear();
  per_host_.clear();
}

std::string WireServer::answer(std::string_view word) {
  const auto& allowed = options_.four_letter_words;
  const auto is_allowed = [&](const std::string& each) { return each == "*" || each == word; };
  if (std::ranges::none_of(allowed, is_allowed)) {
    return std::string(word) + " is not executed because it is not in the whitelist.\n";
  }
  if (word == "srst") {
    traffic_ = {};
    return "Server stats reset.\n";
  }
  ServerFacts facts{engine_, traffic_, {}, bound().port, options_.max_connections_per_host, engine_.env().host.name()};
  for (const auto& [number, connection] : connections_) facts.connections.push_back(connection->facts());
  return answer_word(word, facts);
}

void WireServer::complain(std::string_view line) {
  const Instant now = engine_.env().clock.now();
  if (now < next_line_) {
    ++lines_left_out_;
    return;
  }
  next_line_ = now + kLineInterval;
  std::string text(line);
  if (lines_left_out_ > 0) text += " (" + std::to_string(std::exchange(lines_left_out_, 0)) + " lines were left out)";
  engine_.env().logger.log(env::LogLevel::warn, kComponent, text);
}

}  // namespace barnabas::zookeeper
