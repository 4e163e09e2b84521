// One client on a socket: frames in, outputs out, both in order.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/zookeeper/server/engine.hpp"
#include "core/zookeeper/server/wire_server.hpp"

namespace barnabas::zookeeper {

class WireConnection final : public Recipient {
 public:
  WireConnection(WireServer& server, std::unique_ptr<env::Stream> stream);
  ~WireConnection() override;
  WireConnection(const WireConnection&) = delete;
  WireConnection& operator=(const WireConnection&) = delete;

  // Serves until the peer leaves, is sent away, or its session ends.
  Task<void> serve();
  void close() { stream_->close(); }
  ConnectionFacts facts() const;

  void receive(Output output, Zxid after) override;

 private:
  struct Waiting {
    std::vector<std::byte> frame;
    Zxid after;
    Instant since;
    bool close = false;
  };

  Task<Result<void>> run();
  // Says hello: a session, or a four-letter word. False when there is nothing more to do.
  Task<Result<bool>> greet();
  Task<Result<bool>> answer_word(std::string word);
  Task<Result<void>> serve_requests();
  Task<void> write_outputs();
  // A frame's bytes at the front of what was read; they stay there until the next call.
  Task<Result<ByteView>> read_frame();
  // Until at least size bytes are there to be taken.
  Task<Result<void>> fill(std::size_t size);
  ByteView unread() const { return ByteView(in_).subspan(in_begin_, in_end_ - in_begin_); }
  bool is_congested() const { return out_.size() >= kMaxOutstanding || out_bytes_ >= kMaxWaitingBytes; }
  void report(const Error& error);

  WireServer& server_;
  Engine& engine_;
  std::unique_ptr<env::Stream> stream_;
  std::string peer_;
  ConnectionId id_;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  bool closing_ = false;  // An output says that the connection ends after it.
  std::vector<std::byte> in_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::deque<Waiting> out_;
  std::size_t out_bytes_ = 0;
  Notification out_changed_;
  Scope scope_;  // Last: its task uses the rest.
};

}  // namespace barnabas::zookeeper
