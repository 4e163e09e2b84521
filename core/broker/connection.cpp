#include "core/broker/connection.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "core/base/reader.hpp"
#include "core/base/writer.hpp"
#include "core/broker/api_table.hpp"
#include "core/broker/file_records.hpp"
#include "core/broker/frame_guess.hpp"
#include "core/broker/services.hpp"
#include "core/env/timeout.hpp"

namespace barnabas::broker {
namespace {

// API key, version and correlation id: no request is shorter.
constexpr std::size_t kLeastRequest = 8;
// How much is handed to the stream at a time, so that a slow client's progress is seen.
constexpr std::size_t kWritePiece = 256 * 1024;
// How long the answers to what a client asked before it closed its side may take.
constexpr Duration kHalfClosedPatience = 5s;

// Requests that may wait for other clients: they give their place among those in work away at once. A fetch does
// when it begins to wait.
bool waits_for_others(protocol::ApiKey key) {
  return key == protocol::ApiKey::join_group || key == protocol::ApiKey::sync_group;
}

// Between brokers; answered while this one was not yet told what there is.
bool is_of_brokers(protocol::ApiKey key) {
  switch (key) {
    case protocol::ApiKey::leader_and_isr:
    case protocol::ApiKey::stop_replica:
    case protocol::ApiKey::update_metadata:
    case protocol::ApiKey::controlled_shutdown:
    case protocol::ApiKey::alter_partition:
    case protocol::ApiKey::allocate_producer_ids:
    case protocol::ApiKey::api_versions: return true;
    default: return false;
  }
}

std::size_t memory_of(const ResponseFrame& response) {
  std::size_t bytes = 0;
  for (const protocol::Fragment& fragment : response) {
    if (const Buffer* memory = std::get_if<Buffer>(&fragment)) bytes += memory->size();
  }
  return bytes;
}

std::string unserved_note(protocol::ApiKey key) {
  return "API key " + std::to_string(static_cast<int>(key)) + " (" + std::string(protocol::name_of(key)) +
         ") is not served";
}

std::string unserved_note(const Api& api, std::int16_t version) {
  return std::string(api.name()) + " version " + std::to_string(version) + " is not served, only " +
         std::to_string(api.min_version) + " to " + std::to_string(api.max_version);
}

}  // namespace

struct Connection::Slot {
  Slot(Services& services, Executor& executor) : context(services, executor), done(executor) {}

  RequestContext context;
  const Api* api = nullptr;
  Buffer body;
  Semaphore::Units memory;
  Semaphore::Units place;
  ResponseFrame response;  // Empty: the request is not answered (acks=0).
  Event done;
  std::size_t request_bytes = 0;
  // For the metrics, in this order.
  Instant received{};
  Instant begun{};
  std::optional<Instant> dispatched;  // Nothing: it was answered before.
  Instant answered{};
  Instant writing{};
};

Connection::Connection(Services& services, Port& port, ListenerInfo listener, std::unique_ptr<env::Stream> stream)
    : services_(services),
      port_(port),
      listener_(std::move(listener)),
      stream_(std::move(stream)),
      peer_(stream_->peer().to_string()),
      last_progress_(services.env.clock.now()),
      in_flight_(services.env.executor, kMaxInFlight),
      slot_changed_(services.env.executor),
      scope_(services.env.executor) {}

void Connection::note_progress() {
  last_progress_ = services_.env.clock.now();
  unmarked_ = 0;
}

bool Connection::holds_memory() const {
  return inside_large_frame_ || (writing_ && slots_.front()->context.held.has_value());
}

Task<void> Connection::serve() {
  scope_.spawn(write_responses());
  const Result<void> end = co_await read_requests();
  if (!end) report(end.error());
  while (draining_ && !slots_.empty()) co_await slot_changed_.wait();
  if (!end && end.error().code == Errc::end_of_stream) co_await answer_the_last();
  stream_->close();
  scope_.cancel();
}

// Who sends no more may still read. A client that is gone looks the same until something is written to it.
Task<void> Connection::answer_the_last() {
  const Instant deadline = services_.env.clock.now() + kHalfClosedPatience;
  while (!slots_.empty() && !broken_ && services_.env.clock.now() < deadline) {
    co_await env::wait_until(services_.env.executor, services_.env.clock, slot_changed_, deadline);
  }
}

void Connection::drain() {
  draining_ = true;
  if (slots_.empty()) stream_->close();
}

Task<Result<void>> Connection::read_requests() {
  while (!draining_) {
    Semaphore::Units place = co_await in_flight_.acquire();
    while (unwritten_ > kMaxUnwritten && !broken_) co_await slot_changed_.wait();
    Semaphore::Units memory;
    B_CO_TRY(Buffer frame, co_await read_frame(memory));
    B_CO_TRY(const std::shared_ptr<Slot> slot, open_slot(std::move(frame)));
    any_request_ = true;
    slot->memory = std::move(memory);
    slot->place = std::move(place);
    co_await begin(slot);
  }
  co_return Result<void>{};
}

// Returns when the next request may begin.
Task<void> Connection::begin(std::shared_ptr<Slot> slot) {
  slot->received = services_.env.clock.now();
  if (!is_of_brokers(slot->api->key)) co_await services_.informed.wait();
  Semaphore::Units turn;
  {
    const UnderWay queued(services_.metrics.requests_queued);
    turn = co_await port_.requests.acquire();
  }
  if (waits_for_others(slot->api->key)) turn.release();
  slot->begun = services_.env.clock.now();
  slots_.push_back(slot);
  slot_changed_.notify_all();
  scope_.spawn(answer(slot));
  co_await slot->context.dispatched.wait();
  slot->dispatched = services_.env.clock.now();
}

Task<Result<Buffer>> Connection::read_frame(Semaphore::Units& held) {
  std::array<std::byte, 4> head{};
  B_CO_TRY_VOID(co_await read_exactly(head, At::frame_start));
  const auto size = load_big_endian<std::int32_t>(head.data());
  const std::size_t most = port_.limits.max_request;
  if (size < static_cast<std::int32_t>(kLeastRequest) || static_cast<std::size_t>(size) > most) {
    co_return fail(Errc::too_large, describe_bad_length(head, most));
  }
  const bool large = static_cast<std::size_t>(size) > kSmallFrame;
  note_progress();
  Buffer frame = Buffer::allocate(large ? kProgress : static_cast<std::size_t>(size));
  B_CO_TRY_VOID(co_await read_exactly(frame.mutable_view(), At::inside_frame));
  if (large) {
    held = co_await port_.request_memory.acquire(size);
    inside_large_frame_ = true;
    note_progress();
    Buffer whole = Buffer::allocate(static_cast<std::size_t>(size));
    std::memcpy(whole.mutable_view().data(), frame.view().data(), frame.size());
    frame = std::move(whole);
    B_CO_TRY_VOID(co_await read_exactly(frame.mutable_view().subspan(kProgress), At::inside_frame));
    inside_large_frame_ = false;
  }
  note_progress();
  co_return Result<Buffer>(std::move(frame));
}

Task<Result<void>> Connection::read_exactly(MutableByteView into, At at) {
  const std::size_t wanted = into.size();
  while (!into.empty()) {
    if (ahead_begin_ < ahead_end_) {
      const std::size_t part = std::min(into.size(), ahead_end_ - ahead_begin_);
      std::memcpy(into.data(), ahead_.data() + ahead_begin_, part);
      ahead_begin_ += part;
      into = into.subspan(part);
      continue;
    }
    const bool direct = into.size() >= ahead_.size();
    const MutableByteView target = direct ? into : MutableByteView(ahead_);
    Result<std::size_t> count = co_await stream_->read_some(target);
    if (!count) {
      const bool clean = at == At::frame_start && into.size() == wanted;
      if (clean || count.error().code != Errc::end_of_stream) co_return std::unexpected(count.error());
      co_return fail(Errc::truncated, "the peer left in the middle of a request");
    }
    note_bytes(*count);
    if (direct) {
      into = into.subspan(*count);
    } else {
      ahead_begin_ = 0;
      ahead_end_ = *count;
    }
  }
  co_return Result<void>{};
}

Result<std::shared_ptr<Connection::Slot>> Connection::open_slot(Buffer frame) {
  Reader reader(frame.view());
  const auto key = static_cast<protocol::ApiKey>(reader.i16());
  const std::int16_t version = reader.i16();
  const Api* api = find_api(key);
  if (api == nullptr) {
    return fail(Errc::unsupported, unserved_note(key) + (any_request_ ? "" : guess_note(frame.view())));
  }
  auto slot = std::make_shared<Slot>(services_, services_.env.executor);
  slot->api = api;
  slot->request_bytes = frame.size();
  slot->context.header.api_version = version;
  if (version < api->min_version || version > api->max_version) {
    if (key != protocol::ApiKey::api_versions) return fail(Errc::unsupported, unserved_note(*api, version));
    slot->context.header.api_version = 0;
    slot->response = unsupported_api_versions(reader.i32());
    return slot;
  }
  B_TRY(protocol::ParsedRequest request, protocol::parse_request(frame.view()));
  slot->context.header = std::move(request.header);
  slot->context.listener = listener_;
  slot->context.client_host = stream_->peer().host;
  slot->body = frame.slice(frame.size() - request.body.size(), request.body.size());
  return slot;
}

Task<void> Connection::answer(std::shared_ptr<Slot> slot) {
  if (slot->response.empty()) {
    auto response = co_await slot->api->handle(slot->context, slot->body);
    // The request's own bytes are no longer needed.
    slot->body = {};
    slot->memory.release();
    if (!response) {
      report(response.error());
      stream_->close();
      co_return;
    }
    slot->response = std::move(*response);
  }
  unwritten_ += memory_of(slot->response);
  slot->answered = services_.env.clock.now();
  slot->context.dispatched.set();
  slot->done.set();
}

Task<void> Connection::write_responses() {
  while (true) {
    while (slots_.empty()) co_await slot_changed_.wait();
    const std::shared_ptr<Slot> slot = slots_.front();
    slot->context.at_front.set();
    co_await slot->done.wait();
    slot->writing = services_.env.clock.now();
    note_progress();
    writing_ = true;
    const Result<void> written = co_await write_fragments(slot->response);
    writing_ = false;
    note_progress();
    unwritten_ -= memory_of(slot->response);
    account(*slot);
    slots_.pop_front();
    slot->place.release();
    slot->context.held.reset();
    broken_ = !written;
    slot_changed_.notify_all();
    if (broken_ || (draining_ && slots_.empty())) {
      stream_->close();
      co_return;
    }
  }
}

Task<Result<void>> Connection::write_fragments(const std::vector<protocol::Fragment>& fragments) {
  std::vector<ByteView> parts;
  std::size_t size = 0;
  for (const protocol::Fragment& fragment : fragments) {
    const Buffer* memory = std::get_if<Buffer>(&fragment);
    if (memory != nullptr && size + memory->size() <= kWritePiece) {
      parts.push_back(memory->view());
      size += memory->size();
      continue;
    }
    if (!parts.empty()) B_CO_TRY_VOID(co_await stream_->write(parts));
    note_bytes(std::exchange(size, 0));
    parts.clear();
    if (memory != nullptr) {
      B_CO_TRY_VOID(co_await write_memory(memory->view()));
      continue;
    }
    // Fetch is the only one that puts external records into a response.
    B_CO_TRY_VOID(co_await write_file(static_cast<const FileRecords&>(*std::get<1>(fragment))));
  }
  if (!parts.empty()) B_CO_TRY_VOID(co_await stream_->write(parts));
  co_return Result<void>{};
}

Task<Result<void>> Connection::write_memory(ByteView bytes) {
  while (!bytes.empty()) {
    const ByteView piece[] = {bytes.first(std::min(bytes.size(), kWritePiece))};
    B_CO_TRY_VOID(co_await stream_->write(piece));
    note_bytes(piece[0].size());
    bytes = bytes.subspan(piece[0].size());
  }
  co_return Result<void>{};
}

Task<Result<void>> Connection::write_file(const FileRecords& records) {
  for (std::size_t sent = 0; sent < records.size();) {
    const std::size_t piece = std::min(records.size() - sent, kWritePiece);
    B_CO_TRY_VOID(co_await stream_->send_file(records.file(), records.position() + sent, piece));
    note_bytes(piece);
    sent += piece;
  }
  co_return Result<void>{};
}

void Connection::account(const Slot& slot) const {
  const Instant now = services_.env.clock.now();
  const Instant placed = std::min(slot.dispatched.value_or(slot.answered), slot.answered);
  const auto version = static_cast<std::size_t>(slot.context.version());
  const auto add = [&](Metrics::Kind kind) {
    RequestMetrics& metrics = services_.metrics.request(slot.api->key, kind);
    ++metrics.requests[std::min(version, RequestMetrics::kVersions - 1)];
    metrics.bytes += slot.request_bytes;
    metrics.total.record(now - slot.received, now);
    metrics.queue.record(slot.begun - slot.received, now);
    metrics.local.record(placed - slot.begun, now);
    metrics.remote.record(slot.answered - placed, now);
    metrics.response_queue.record(slot.writing - slot.answered, now);
    metrics.response_send.record(now - slot.writing, now);
  };
  add(Metrics::Kind::all);
  if (slot.context.kind != Metrics::Kind::all) add(slot.context.kind);
}

void Connection::report(const Error& error) const {
  const bool ordinary =
      error.code == Errc::end_of_stream || error.code == Errc::connection_reset || error.code == Errc::closed;
  if (ordinary) {
    if (!services_.env.logger.enabled(env::LogLevel::debug)) return;
    services_.env.logger.log(env::LogLevel::debug, "connection " + peer_, "closed: " + error.message);
  } else {
    port_.lines.log(env::LogLevel::warn, "connection " + peer_, "closed: " + error.message);
  }
}

}  // namespace barnabas::broker
