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
//
// Nobody holds memory without bound by being slow. A request is read whole before it takes a place among those in
// work; a large one takes its size from a budget, once its first kProgress bytes are there; nothing further is read
// while kMaxUnwritten bytes of answers wait for a client that does not read. Who does not move within the limits is
// closed by the server's sweep.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/broker/connection_limits.hpp"
#include "core/broker/request_context.hpp"
#include "core/env/env.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::broker {

class FileRecords;

// Requests of one connection that were begun and not yet answered; Kafka's clients send at most five.
inline constexpr std::int64_t kMaxInFlight = 5;

// Frames up to this size do not count against the broker's memory for requests: whoever holds all of that, or
// only announces it and sends nothing, cannot keep the small requests of others waiting.
inline constexpr std::size_t kSmallFrame = 64 * 1024;

// Bytes of answers in memory that may wait to be written before the next request is read.
inline constexpr std::size_t kMaxUnwritten = 1024 * 1024;

class Connection {
 public:
  // services and port outlive this.
  Connection(Services& services, Port& port, ListenerInfo listener, std::unique_ptr<env::Stream> stream);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Serves until the peer leaves or must be sent away. Who only closed its sending side still gets its answers, for a
  // while. Requests that are then still under way are destroyed: what they have appended stays appended.
  Task<void> serve();

  // The client has not moved since: it sends no request, or does not take the answers.
  bool idle_since(Instant limit) const { return (slots_.empty() || writing_) && last_progress_ < limit; }
  // The same, and it holds memory that others may wait for.
  bool stalled_since(Instant limit) const { return holds_memory() && last_progress_ < limit; }
  Instant last_progress() const { return last_progress_; }
  // serve() ends soon.
  void close() {
    closing_ = true;
    stream_->close();
  }
  bool closing() const { return closing_; }
  const std::string& listener() const { return listener_.name; }
  // No further requests are read; serve() ends when those under way are answered.
  void drain();

 private:
  struct Slot;

  Task<Result<Buffer>> read_frame(Semaphore::Units& held);
  // What the end of the stream means here: between two requests it is the ordinary end.
  enum class At : std::uint8_t { frame_start, inside_frame };
  Task<Result<void>> read_exactly(MutableByteView into, At at);
  Task<Result<void>> read_requests();
  Task<void> begin(std::shared_ptr<Slot> slot);
  Result<std::shared_ptr<Slot>> open_slot(Buffer frame);
  Task<void> answer(std::shared_ptr<Slot> slot);
  Task<void> write_responses();
  Task<void> answer_the_last();
  Task<Result<void>> write_fragments(const std::vector<protocol::Fragment>& fragments);
  Task<Result<void>> write_memory(ByteView bytes);
  Task<Result<void>> write_file(const FileRecords& records);
  void note_progress();
  void note_bytes(std::size_t count) {
    unmarked_ += count;
    if (unmarked_ >= kProgress) note_progress();
  }
  bool holds_memory() const;
  void account(const Slot& slot) const;
  void report(const Error& error) const;

  Services& services_;
  Port& port_;
  ListenerInfo listener_;
  std::unique_ptr<env::Stream> stream_;
  std::string peer_;
  Instant last_progress_;
  std::size_t unmarked_ = 0;  // Bytes that came or went since.
  bool draining_ = false;
  bool closing_ = false;
  bool any_request_ = false;
  bool inside_large_frame_ = false;
  bool writing_ = false;
  bool broken_ = false;        // Nothing can be written any more.
  std::size_t unwritten_ = 0;  // Bytes in memory of answers that are done.
  Semaphore in_flight_;
  Notification slot_changed_;
  std::deque<std::shared_ptr<Slot>> slots_;
  // Read from the stream; [ahead_begin_, ahead_end_) is not yet used. Small, because every idle connection has one:
  // most requests fit, and the rest of a larger one is read where it belongs.
  std::array<std::byte, 512> ahead_;
  std::size_t ahead_begin_ = 0;
  std::size_t ahead_end_ = 0;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
