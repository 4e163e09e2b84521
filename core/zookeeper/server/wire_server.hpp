// ZooKeeper's wire protocol on a port: accepts connections, keeps them within their bounds, and answers the four-letter
// words.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/async/scope.hpp"
#include "core/env/env.hpp"
#include "core/zookeeper/server/engine.hpp"
#include "core/zookeeper/server/four_letter_words.hpp"
#include "core/zookeeper/wire/op_code.hpp"

namespace barnabas::zookeeper {

// Apache's names and defaults, where it has them.
struct WireOptions {
  env::Endpoint at;
  std::size_t max_connections = 10'000;                // maxCnxns; there it is unbounded.
  std::size_t max_connections_per_host = 60;           // maxClientCnxns; 0: no bound.
  std::size_t max_frame = wire::kMaxRequestFrame;      // jute.maxbuffer
  std::vector<std::string> four_letter_words{"srvr"};  // 4lw.commands.whitelist; "*" is all.
};

// Requests of one connection that were begun and not yet answered; then nothing more is read from it.
inline constexpr std::size_t kMaxOutstanding = 1000;
// Bytes that wait to be sent on one connection: above the first nothing more is read from it, above the second it is
// closed, because it does not read what its watches tell it.
inline constexpr std::size_t kMaxWaitingBytes = std::size_t{1} << 20;
inline constexpr std::size_t kTooManyWaitingBytes = std::size_t{32} << 20;
// Who has not said what it is for this long is sent away.
inline constexpr Duration kHelloLimit = 10s;

class WireConnection;

class WireServer {
 public:
  // Binds and serves. address_in_use, permission_denied, ...
  static Task<Result<std::unique_ptr<WireServer>>> listen(Engine& engine, WireOptions options);
  WireServer(const WireServer&) = delete;
  WireServer& operator=(const WireServer&) = delete;
  ~WireServer();

  env::Endpoint bound() const { return listener_->local(); }
  // Closes every connection. Sessions go on.
  void stop();

  Engine& engine() { return engine_; }
  const WireOptions& options() const { return options_; }
  Traffic& traffic() { return traffic_; }
  // The answer to a four-letter word; empty when it is none.
  std::string answer(std::string_view word);
  // At most one line a second; says how many were left out before it.
  void complain(std::string_view line);

 private:
  WireServer(Engine& engine, WireOptions options, std::unique_ptr<env::Listener> listener);

  Task<void> accept();
  Task<void> serve(std::unique_ptr<env::Stream> stream);
  bool has_room_for(const env::Endpoint& peer);

  Engine& engine_;
  WireOptions options_;
  std::unique_ptr<env::Listener> listener_;
  bool stopped_ = false;
  std::map<std::uint64_t, WireConnection*> connections_;
  std::map<std::string, std::size_t> per_host_;
  std::uint64_t next_ = 0;
  Traffic traffic_;
  Instant next_line_{};
  std::uint64_t lines_left_out_ = 0;
  Scope scope_;  // Last: its tasks use the rest.
};

}  // namespace barnabas::zookeeper
