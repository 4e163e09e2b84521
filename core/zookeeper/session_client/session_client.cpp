#include "core/zookeeper/session_client/session_client.hpp"

#include <algorithm>
#include <array>

#include "core/env/timeout.hpp"
#include "core/zookeeper/session_client/session_file.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(50);
constexpr Duration kLongestPause = std::chrono::seconds(1);
constexpr std::size_t kReadSize = std::size_t{64} << 10;

SessionMachine::Options machine_options(const SessionOptions& options, std::optional<Credentials> former) {
  SessionMachine::Options result;
  result.timeout = options.session_timeout;
  result.servers = options.servers.servers.size();
  result.chroot = options.servers.chroot;
  result.auth = options.auth;
  result.former = std::move(former);
  return result;
}

}  // namespace

// One connection: reads, writes and keeps time until one of the three says that it is lost.
class SessionClient::Connection {
 public:
  Connection(SessionClient& client, env::Stream& stream)
      : client_(client), stream_(stream), lost_(client.env_.executor), scope_(client.env_.executor) {}

  // Why it was lost.
  Task<std::string> run() {
    scope_.spawn(read_frames());
    scope_.spawn(write_output());
    scope_.spawn(keep_time());
    co_await lost_.wait();
    scope_.cancel();
    co_return why_;
  }

 private:
  Task<void> read_frames() {
    std::vector<std::byte> bytes;
    Buffer piece = Buffer::allocate(kReadSize);
    while (!lost_.is_set()) {
      const Result<std::size_t> read = co_await stream_.read_some(piece.mutable_view());
      if (!read) co_return lose(read.error().to_string());
      const ByteView fresh = piece.view().first(*read);
      bytes.insert(bytes.end(), fresh.begin(), fresh.end());
      const Result<std::size_t> used = take_frames(bytes);
      client_.poke();
      if (!used) co_return lose(used.error().to_string());
      if (client_.machine_.state() == SessionMachine::State::over) co_return lose("the session is over");
      bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*used));
    }
  }
  // Gives the whole frames at the front to the machine; how many bytes they took.
  Result<std::size_t> take_frames(ByteView bytes) {
    std::size_t used = 0;
    while (bytes.size() - used >= sizeof(std::int32_t)) {
      const auto size = load_big_endian<std::int32_t>(bytes.data() + used);
      if (size < 0 || static_cast<std::size_t>(size) > wire::kMaxReplyFrame) {
        return fail(Errc::too_large, "a frame of " + std::to_string(size) + " bytes");
      }
      const auto length = static_cast<std::size_t>(size);
      if (bytes.size() - used - sizeof(std::int32_t) < length) break;
      B_TRY_VOID(
          client_.machine_.on_frame(client_.env_.clock.now(), bytes.subspan(used + sizeof(std::int32_t), length)));
      used += sizeof(std::int32_t) + length;
      if (client_.machine_.state() == SessionMachine::State::over) break;
    }
    return used;
  }

  Task<void> write_output() {
    while (true) {
      while (!client_.machine_.has_output()) co_await client_.output_.wait();
      const std::vector<std::byte> bytes = client_.machine_.take_output();
      const std::array<ByteView, 1> parts{ByteView(bytes)};
      const Result<void> written = co_await stream_.write(parts);
      if (!written) co_return lose(written.error().to_string());
    }
  }

  Task<void> keep_time() {
    env::Env& env = client_.env_;
    while (true) {
      const Instant deadline = client_.machine_.next_deadline();
      co_await env::wait_until(env.executor, env.clock, client_.changed_, deadline);
      const Result<void> kept = client_.machine_.on_time(env.clock.now());
      client_.poke();
      if (!kept) co_return lose(kept.error().to_string());
    }
  }

  void lose(std::string why) {
    if (lost_.is_set()) return;
    why_ = std::move(why);
    lost_.set();
  }

  SessionClient& client_;
  env::Stream& stream_;
  std::string why_;
  barnabas::Event lost_;
  Scope scope_;
};

SessionClient::SessionClient(env::Env env, const SessionOptions& options, std::optional<Credentials> former)
    : env_(env),
      names_(options.servers.to_string()),
      chroot_(options.servers.chroot),
      servers_(options.servers.servers, env.random),
      machine_(machine_options(options, std::move(former))),
      over_(env.executor),
      output_(env.executor),
      changed_(env.executor),
      scope_(env.executor) {}

SessionClient::~SessionClient() = default;

Task<Result<std::unique_ptr<SessionClient>>> SessionClient::open(env::Env env, SessionOptions options) {
  if (!options.session_file.empty()) {
    SessionOptions same = options;
    B_CO_TRY_VOID(co_await end_former(env, std::move(same)));
  }
  const Instant deadline = env.clock.now() + options.connection_timeout;
  std::unique_ptr<SessionClient> client(new SessionClient(env, options, std::nullopt));
  client->scope_.spawn(client->run());
  B_CO_TRY_VOID(co_await client->wait_for_session(deadline));
  if (!options.session_file.empty()) {
    Credentials credentials = client->credentials();
    std::string path = options.session_file;
    B_CO_TRY_VOID(co_await write_session_file(env.disk, std::move(path), std::move(credentials)));
  }
  if (options.create_chroot && !client->chroot_.empty()) B_CO_TRY_VOID(co_await client->make_chroot());
  co_return client;
}

Task<Result<void>> SessionClient::end_former(env::Env env, SessionOptions options) {
  std::string path = options.session_file;
  B_CO_TRY(std::optional<Credentials> former, co_await read_session_file(env.disk, path));
  if (!former) co_return Result<void>();
  const Instant deadline = env.clock.now() + options.connection_timeout;
  SessionClient client(env, options, std::move(former));
  client.scope_.spawn(client.run());
  Result<void> attached = co_await client.wait_for_session(deadline);
  if (!attached && attached.error().code != Errc::session_expired) co_return attached;
  B_CO_TRY_VOID(co_await client.close());
  co_return co_await remove_session_file(env.disk, path);
}

Task<Result<void>> SessionClient::wait_for_session(Instant deadline) {
  while (machine_.state() != SessionMachine::State::connected) {
    if (machine_.state() == SessionMachine::State::over) co_return std::unexpected(machine_.why_over());
    if (env_.clock.now() >= deadline) {
      const std::string last = why_not_.empty() ? "" : " (the last attempt: " + why_not_ + ")";
      co_return fail(Errc::timed_out, "no ZooKeeper server of " + names_ + " answered in time" + last);
    }
    co_await env::wait_until(env_.executor, env_.clock, changed_, deadline);
  }
  co_return Result<void>();
}

// The one place that speaks of paths above the chroot.
Task<Result<void>> SessionClient::make_chroot() {
  for (std::size_t end = 1; end != std::string::npos;) {
    end = chroot_.find('/', end);
    std::string path = chroot_.substr(0, end);
    if (end != std::string::npos) ++end;
    while (true) {
      Writer body;
      wire::put(body, wire::CreateRequest{path, std::nullopt, to_vector(nullptr), 0});
      std::vector<std::byte> record = std::move(body).take();
      const Result<Reply> reply = co_await call(wire::OpCode::create, std::move(record));
      if (!reply && reply.error().code == Errc::closed && !over_.is_set()) continue;  // Creating again does no harm.
      if (!reply) co_return std::unexpected(reply.error());
      if (reply->code == Code::ok || reply->code == Code::node_exists) break;
      co_return fail(to_errc(reply->code), "zookeeper.connect: " + path + " of the chroot could not be created: " +
                                               std::string(name_of(reply->code)));
    }
  }
  co_return Result<void>();
}

Task<void> SessionClient::run() {
  std::uint32_t attempt = 0;
  while (machine_.state() != SessionMachine::State::over) {
    Result<std::unique_ptr<env::Stream>> stream = co_await connect_next();
    if (stream) {
      const std::string server = (*stream)->peer().to_string();
      machine_.on_stream(env_.clock.now());
      poke();
      Connection connection(*this, **stream);
      const std::string why = co_await connection.run();
      const bool had_session = connected();
      machine_.on_stream_lost(why);
      poke();
      if (had_session) {
        attempt = 0;
        ++disconnects_;
      }
      why_not_ = server + ": " + why;
      log(had_session ? env::LogLevel::info : env::LogLevel::debug, "left " + server + ": " + why);
    } else {
      why_not_ = stream.error().to_string();
      log(env::LogLevel::debug, why_not_);
    }
    if (machine_.state() != SessionMachine::State::over) co_await pause(attempt++);
  }
  if (machine_.why_over().code != Errc::closed) log(env::LogLevel::warn, machine_.why_over().message);
  poke();
}

Task<Result<std::unique_ptr<env::Stream>>> SessionClient::connect_next() {
  const Instant deadline = env_.clock.now() + machine_.timeout() / static_cast<std::int64_t>(servers_.size());
  env::Endpoint server = servers_.next();
  auto connecting = env_.network.connect(std::move(server));
  co_return co_await env::with_deadline(env_.executor, env_.clock, deadline, std::move(connecting));
}

Task<void> SessionClient::pause(std::uint32_t attempt) {
  const Duration limit = std::min({kFirstPause * (std::int64_t{1} << std::min(attempt, 10U)), kLongestPause,
                                   std::max<Duration>(machine_.timeout() / 6, std::chrono::milliseconds(1))});
  const auto drawn = env_.random.next() % static_cast<std::uint64_t>(limit.count());
  co_await env_.clock.sleep_for(Duration(static_cast<std::int64_t>(drawn)));
}

void SessionClient::poke() {
  if (machine_.has_output()) output_.notify_all();
  if (machine_.state() == SessionMachine::State::over) over_.set();
  changed_.notify_all();
}

Task<Result<void>> SessionClient::close() {
  const auto try_to_close = [](SessionClient& client) -> Task<Result<void>> {
    while (!client.over_.is_set()) {
      std::vector<std::byte> nothing;
      const Result<Reply> reply = co_await client.call(wire::OpCode::close_session, std::move(nothing));
      if (!reply && !client.over_.is_set()) co_await client.env_.clock.sleep_for(kFirstPause);
    }
    co_return Result<void>();
  };
  auto closing = try_to_close(*this);
  const Instant deadline = env_.clock.now() + machine_.timeout();
  const Result<void> closed = co_await env::with_deadline(env_.executor, env_.clock, deadline, std::move(closing));
  if (!closed) {
    machine_.abandon("the ZooKeeper session could not be closed in time and is left to expire");
    poke();
    co_return fail(Errc::closed, machine_.why_over().message);
  }
  if (machine_.why_over().code == Errc::permission_denied) co_return std::unexpected(machine_.why_over());
  co_return Result<void>();
}

void SessionClient::add_auth(AuthInfo auth) {
  machine_.add_auth(env_.clock.now(), std::move(auth));
  poke();
}

Task<Result<Reply>> SessionClient::call(wire::OpCode op, std::vector<std::byte> body) {
  const auto call = std::make_shared<Call>(env_.executor, op, std::move(body));
  machine_.start(env_.clock.now(), call);
  poke();
  co_await call->done.wait();
  co_return std::move(call->reply);
}

Task<Result<Reply>> SessionClient::read(wire::OpCode op, std::string path, WatchPtr watch) {
  Writer body;
  wire::put(body, wire::ReadRequest{path, watch != nullptr});
  const auto call = std::make_shared<Call>(env_.executor, op, std::move(body).take());
  call->server_path = std::move(path);
  call->watch = std::move(watch);
  machine_.start(env_.clock.now(), call);
  poke();
  co_await call->done.wait();
  co_return std::move(call->reply);
}

}  // namespace barnabas::zookeeper
