#include "core/broker/connection.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/reader.hpp"
#include "core/base/writer.hpp"
#include "core/broker/api_table.hpp"
#include "core/broker/file_records.hpp"
#include "core/broker/frame_guess.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

constexpr std::size_t kReadAhead = 16 * 1024;
// API key, version and correlation id: no request is shorter.
constexpr std::size_t kLeastRequest = 8;

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
  std::vector<protocol::Fragment> response;  // Empty: the request is not answered (acks=0).
  Event done;
};

Connection::Connection(Services& services, ListenerInfo listener, std::unique_ptr<env::Stream> stream,
                       Semaphore& memory)
    : services_(services),
      listener_(std::move(listener)),
      stream_(std::move(stream)),
      memory_(memory),
      peer_(stream_->peer().to_string()),
      max_frame_(services.max_request_bytes),
      last_activity_(services.env.clock.now()),
      in_flight_(services.env.executor, kMaxInFlight),
      slot_changed_(services.env.executor),
      scope_(services.env.executor) {}

Task<void> Connection::serve() {
  scope_.spawn(write_responses());
  const Result<void> end = co_await read_requests();
  if (!end) report(end.error());
  while (draining_ && !slots_.empty()) co_await slot_changed_.wait();
  stream_->close();
  scope_.cancel();
}

void Connection::drain() {
  draining_ = true;
  if (slots_.empty()) stream_->close();
}

Task<Result<void>> Connection::read_requests() {
  while (!draining_) {
    Semaphore::Units place = co_await in_flight_.acquire();
    Semaphore::Units memory;
    B_CO_TRY(Buffer frame, co_await read_frame(memory));
    B_CO_TRY(const std::shared_ptr<Slot> slot, open_slot(std::move(frame)));
    any_request_ = true;
    slot->memory = std::move(memory);
    slot->place = std::move(place);
    slots_.push_back(slot);
    slot_changed_.notify_all();
    scope_.spawn(answer(slot));
    co_await slot->context.dispatched.wait();
  }
  co_return Result<void>{};
}

Task<Result<Buffer>> Connection::read_frame(Semaphore::Units& held) {
  std::array<std::byte, 4> head{};
  B_CO_TRY_VOID(co_await read_exactly(head, At::frame_start));
  const auto size = load_big_endian<std::int32_t>(head.data());
  if (size < static_cast<std::int32_t>(kLeastRequest) || static_cast<std::size_t>(size) > max_frame_) {
    co_return fail(Errc::too_large, describe_bad_length(head, max_frame_));
  }
  const bool large = static_cast<std::size_t>(size) > kSmallFrame;
  if (large) held = co_await memory_.acquire(size);
  inside_large_frame_ = large;
  last_activity_ = services_.env.clock.now();
  Buffer frame = Buffer::allocate(static_cast<std::size_t>(size));
  B_CO_TRY_VOID(co_await read_exactly(frame.mutable_view(), At::inside_frame));
  inside_large_frame_ = false;
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
    if (ahead_.empty()) ahead_ = Buffer::allocate(kReadAhead);
    const bool direct = into.size() >= kReadAhead;
    const MutableByteView target = direct ? into : ahead_.mutable_view();
    Result<std::size_t> count = co_await stream_->read_some(target);
    if (!count) {
      const bool clean = at == At::frame_start && into.size() == wanted;
      if (clean || count.error().code != Errc::end_of_stream) co_return std::unexpected(count.error());
      co_return fail(Errc::truncated, "the peer left in the middle of a request");
    }
    last_activity_ = services_.env.clock.now();
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
  if (version < api->min_version || version > api->max_version) {
    if (key != protocol::ApiKey::api_versions) return fail(Errc::unsupported, unserved_note(*api, version));
    slot->response = unsupported_api_versions(reader.i32());
    slot->context.dispatched.set();
    slot->done.set();
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
  if (slot->done.is_set()) co_return;
  auto response = co_await slot->api->handle(slot->context, slot->body);
  slot->context.dispatched.set();
  slot->body = {};
  if (!response) {
    report(response.error());
    stream_->close();
    co_return;
  }
  slot->response = std::move(*response);
  slot->done.set();
}

Task<void> Connection::write_responses() {
  while (true) {
    while (slots_.empty()) co_await slot_changed_.wait();
    const std::shared_ptr<Slot> slot = slots_.front();
    co_await slot->done.wait();
    const Result<void> written = co_await write_fragments(slot->response);
    last_activity_ = services_.env.clock.now();
    slots_.pop_front();
    slot->place.release();
    slot->memory.release();
    slot_changed_.notify_all();
    if (!written || (draining_ && slots_.empty())) {
      stream_->close();
      co_return;
    }
  }
}

Task<Result<void>> Connection::write_fragments(const std::vector<protocol::Fragment>& fragments) {
  std::vector<ByteView> parts;
  for (const protocol::Fragment& fragment : fragments) {
    if (const Buffer* memory = std::get_if<Buffer>(&fragment)) {
      parts.push_back(memory->view());
      continue;
    }
    if (!parts.empty()) B_CO_TRY_VOID(co_await stream_->write(parts));
    parts.clear();
    // Fetch is the only one that puts external records into a response.
    const auto& slice = static_cast<const FileRecords&>(*std::get<1>(fragment));
    B_CO_TRY_VOID(co_await stream_->send_file(slice.file(), slice.position(), slice.size()));
  }
  if (!parts.empty()) B_CO_TRY_VOID(co_await stream_->write(parts));
  co_return Result<void>{};
}

void Connection::report(const Error& error) const {
  const bool ordinary =
      error.code == Errc::end_of_stream || error.code == Errc::connection_reset || error.code == Errc::closed;
  const auto level = ordinary ? env::LogLevel::debug : env::LogLevel::warn;
  if (!services_.env.logger.enabled(level)) return;
  services_.env.logger.log(level, "connection " + peer_, "closed: " + error.message);
}

}  // namespace barnabas::broker
