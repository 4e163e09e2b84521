// One client's connection: the first hop of a produced record.
//
// Frames are an int32 length and that many bytes: a request header and a body. Decides: what is a request at all,
// how many may be under way, and that responses leave in the order of the requests. Requests begin in the order
// in which they came, the next one when the one before has taken its place in the order of effects
// (RequestContext::dispatched); so appends to a partition keep the order of arrival.
//
// What is not the protocol (an HTTP request, a TLS hello, random bytes, a length beyond
// socket.request.max.bytes, an API or version that is not served) closes this connection with one log line
// that says why and what it looked like. An ApiVersions request of a newer version is answered in version 0 with
// UNSUPPORTED_VERSION and the range of ApiVersions alone (KIP-511).
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/broker/request_context.hpp"
#include "core/env/env.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::broker {

// Requests of one connection that were begun and not yet answered; Kafka's clients send at most five.
inline constexpr std::int64_t kMaxInFlight = 5;

// Frames up to this size do not count against the broker's memory for requests: whoever holds all of that, or
// only announces it and sends nothing, cannot keep the small requests of others waiting.
inline constexpr std::size_t kSmallFrame = 64 * 1024;

class Connection {
 public:
  // memory: bytes of large request frames that the whole broker may hold; one unit a byte.
  Connection(Services& services, ListenerInfo listener, std::unique_ptr<env::Stream> stream, Semaphore& memory);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Serves until the peer leaves or must be sent away. Requests that are then still under way are destroyed:
  // what they have appended stays appended.
  Task<void> serve();

  // Nothing is under way and nothing came since.
  bool idle_since(Instant limit) const { return slots_.empty() && last_activity_ < limit; }
  // A request has begun to come, holds memory, and nothing more of it came since.
  bool stalled_since(Instant limit) const { return inside_large_frame_ && last_activity_ < limit; }
  // serve() ends soon.
  void close() { stream_->close(); }
  // No further requests are read; serve() ends when those under way are answered.
  void drain();

 private:
  struct Slot;

  Task<Result<Buffer>> read_frame(Semaphore::Units& held);
  // What the end of the stream means here: between two requests it is the ordinary end.
  enum class At : std::uint8_t { frame_start, inside_frame };
  Task<Result<void>> read_exactly(MutableByteView into, At at);
  Task<Result<void>> read_requests();
  Result<std::shared_ptr<Slot>> open_slot(Buffer frame);
  Task<void> answer(std::shared_ptr<Slot> slot);
  Task<void> write_responses();
  Task<Result<void>> write_fragments(const std::vector<protocol::Fragment>& fragments);
  void report(const Error& error) const;

  Services& services_;
  ListenerInfo listener_;
  std::unique_ptr<env::Stream> stream_;
  Semaphore& memory_;
  std::string peer_;
  std::size_t max_frame_;
  Instant last_activity_;
  bool draining_ = false;
  bool any_request_ = false;
  bool inside_large_frame_ = false;
  Semaphore in_flight_;
  Notification slot_changed_;
  std::deque<std::shared_ptr<Slot>> slots_;
  Buffer ahead_;  // Read from the stream; [ahead_begin_, ahead_end_) is not yet used.
  std::size_t ahead_begin_ = 0;
  std::size_t ahead_end_ = 0;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
