#include "core/zookeeper/server/wire_connection.hpp"

#include <algorithm>
#include <utility>

#include "core/env/timeout.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::size_t kReadSize = 16 * 1024;
// Buffers of one write to the socket.
constexpr std::size_t kMaxParts = 256;
constexpr std::size_t kLengthSize = sizeof(std::int32_t);
// Of a ConnectRequest without a password.
constexpr std::int32_t kLeastHello = 28;

// Not what ZooKeeper's protocol begins with; what it looks like helps whoever reads the line.
std::string describe_length(std::int32_t size, std::size_t limit) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<char>(static_cast<std::uint32_t>(size) >> shift & 0xffU);
    bytes += byte >= ' ' && byte <= '~' ? byte : '.';
  }
  return "a frame of " + std::to_string(size) + " bytes (\"" + bytes + "\"); at most " + std::to_string(limit) +
         " are taken";
}

}  // namespace

WireConnection::WireConnection(WireServer& server, std::unique_ptr<env::Stream> stream)
    : server_(server),
      engine_(server.engine()),
      stream_(std::move(stream)),
      peer_(stream_->peer().to_string()),
      id_(engine_.add(*this)),
      out_changed_(engine_.env().executor),
      scope_(engine_.env().executor) {}

WireConnection::~WireConnection() {
  engine_.remove(id_);
  engine_.machine().disconnect(id_);
}

Task<void> WireConnection::serve() {
  scope_.spawn(write_outputs());
  const Result<void> end = co_await run();
  if (!end) report(end.error());
  // What the last request was answered with still leaves, unless the peer has gone.
  while (closing_ && !out_.empty()) co_await out_changed_.wait();
  stream_->close();
  scope_.cancel();
}

Task<Result<void>> WireConnection::run() {
  const env::Env& env = engine_.env();
  const Instant deadline = env.clock.now() + kHelloLimit;
  Task<Result<bool>> greeting = greet();
  B_CO_TRY(const bool connected, co_await env::with_deadline(env.executor, env.clock, deadline, std::move(greeting)));
  if (!connected) co_return Result<void>();
  co_return co_await serve_requests();
}

Task<Result<bool>> WireConnection::greet() {
  B_CO_TRY_VOID(co_await fill(kLengthSize));
  const std::string word(as_text(unread().first(kLengthSize)));
  if (is_four_letter_word(word)) co_return co_await answer_word(word);
  const auto size = load_big_endian<std::int32_t>(unread().data());
  if (size < kLeastHello) co_return fail(Errc::invalid_argument, describe_length(size, server_.options().max_frame));
  B_CO_TRY(const ByteView frame, co_await read_frame());
  Reader reader(frame);
  B_CO_TRY(const wire::ConnectRequest request, wire::take_record<wire::ConnectRequest>(reader));
  B_CO_TRY_VOID(engine_.check_running());
  Password entropy{};
  env::Random& random = engine_.env().random;
  // Zero is a session that nobody can come back to.
  store_big_endian(entropy.data(), random.next() | 1U);
  store_big_endian(entropy.data() + sizeof(std::uint64_t), random.next());
  std::string host = stream_->peer().host;
  B_CO_TRY(Effects effects,
           engine_.machine().connect(id_, request, std::move(host), engine_.moment(), entropy, engine_.may_write()));
  engine_.perform(std::move(effects));
  co_return true;
}

Task<Result<bool>> WireConnection::answer_word(std::string word) {
  const std::string text = server_.answer(word);
  const ByteView parts[] = {as_bytes(text)};
  B_CO_TRY_VOID(co_await stream_->write(parts));
  co_return false;
}

Task<Result<void>> WireConnection::serve_requests() {
  while (!closing_) {
    while (is_congested() && !closing_) co_await out_changed_.wait();
    B_CO_TRY(const ByteView frame, co_await read_frame());
    co_await engine_.journal().wait_for_room();
    B_CO_TRY_VOID(engine_.check_running());
    ++received_;
    ++server_.traffic().received;
    B_CO_TRY(Effects effects, engine_.machine().handle(id_, frame, engine_.moment(), engine_.may_write()));
    engine_.perform(std::move(effects));
  }
  co_return Result<void>();
}

void WireConnection::receive(Output output, Zxid after) {
  if (closing_) return;
  auto& frame = std::get<std::vector<std::byte>>(output.what);
  out_bytes_ += frame.size();
  closing_ = output.close;
  out_.push_back({std::move(frame), after, engine_.env().clock.now(), output.close});
  if (after > engine_.journal().durable()) engine_.journal().hurry();
  out_changed_.notify_all();
  if (out_bytes_ <= kTooManyWaitingBytes) return;
  server_.complain(peer_ + " does not read what it is sent: closed");
  stream_->close();
}

Task<void> WireConnection::write_outputs() {
  std::vector<Waiting> batch;
  std::vector<ByteView> parts;
  while (true) {
    while (out_.empty()) co_await out_changed_.wait();
    const Zxid after = out_.front().after;
    const auto durable = co_await engine_.journal().wait_durable(after);
    if (!durable) break;
    batch.clear();
    parts.clear();
    bool ends = false;
    while (!out_.empty() && out_.front().after <= engine_.journal().durable() && parts.size() < kMaxParts && !ends) {
      batch.push_back(std::move(out_.front()));
      out_.pop_front();
      ends = batch.back().close;
      if (!batch.back().frame.empty()) parts.push_back(batch.back().frame);
      out_bytes_ -= batch.back().frame.size();
    }
    if (!parts.empty()) {
      const auto written = co_await stream_->write(parts);
      if (!written) break;
    }
    const Instant now = engine_.env().clock.now();
    for (const Waiting& each : batch) server_.traffic().note_answer(now - each.since);
    sent_ += batch.size();
    server_.traffic().sent += batch.size();
    out_changed_.notify_all();
    if (ends) break;
  }
  out_.clear();
  out_changed_.notify_all();
  closing_ = true;
  stream_->close();
}

Task<Result<ByteView>> WireConnection::read_frame() {
  B_CO_TRY_VOID(co_await fill(kLengthSize));
  const auto size = load_big_endian<std::int32_t>(unread().data());
  const std::size_t limit = server_.options().max_frame;
  if (size < 0 || static_cast<std::size_t>(size) > limit) {
    co_return fail(Errc::too_large, describe_length(size, limit));
  }
  const auto whole = kLengthSize + static_cast<std::size_t>(size);
  B_CO_TRY_VOID(co_await fill(whole));
  const ByteView frame = unread().subspan(kLengthSize, whole - kLengthSize);
  in_begin_ += whole;
  co_return frame;
}

// The buffer grows with what has come, not with what was announced.
Task<Result<void>> WireConnection::fill(std::size_t size) {
  while (in_end_ - in_begin_ < size) {
    if (in_begin_ > 0) {
      std::ranges::copy(unread(), in_.begin());
      in_end_ -= in_begin_;
      in_begin_ = 0;
    }
    const std::size_t wanted = std::max(kReadSize, std::min(size, in_end_ * 2));
    // A large frame that is over gives its memory back.
    if (in_.size() < wanted || (in_.size() > 4 * kReadSize && wanted == kReadSize)) {
      in_.resize(wanted);
      in_.shrink_to_fit();
    }
    const MutableByteView free = MutableByteView(in_).subspan(in_end_);
    const auto count = co_await stream_->read_some(free);
    if (!count) {
      const bool clean = in_end_ == 0 || count.error().code != Errc::end_of_stream;
      if (clean) co_return std::unexpected(count.error());
      co_return fail(Errc::truncated, "the peer left in the middle of a request");
    }
    in_end_ += *count;
  }
  co_return Result<void>();
}

ConnectionFacts WireConnection::facts() const {
  ConnectionFacts facts{peer_, engine_.machine().session_of(id_), 0, out_.size(), received_, sent_};
  const auto& sessions = engine_.machine().tree().session_table();
  if (const auto session = sessions.find(facts.session); session != sessions.end()) {
    facts.timeout_ms = session->second.timeout_ms;
  }
  return facts;
}

void WireConnection::report(const Error& error) {
  using enum Errc;
  const bool ordinary = error.code == end_of_stream || error.code == connection_reset || error.code == closed;
  if (!ordinary) server_.complain("the connection of " + peer_ + " was closed: " + error.message);
}

}  // namespace barnabas::zookeeper
