#include "core/broker/metrics_endpoint.hpp"

#include <array>

#include "core/broker/metrics_page.hpp"
#include "core/env/timeout.hpp"

namespace barnabas::broker {
namespace {

// After a failed accept, so that the loop does not spin.
constexpr Duration kAcceptPause = 100ms;

enum class Wanted : std::uint8_t { page, head_of_page, other_path, other_method, nonsense };

// head: up to and with its empty line.
Wanted wanted(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos || !line.substr(second + 1).starts_with("HTTP/1.")) return Wanted::nonsense;
  const std::string_view method = line.substr(0, first);
  if (method != "GET" && method != "HEAD") return Wanted::other_method;
  const std::string_view target = line.substr(first + 1, second - first - 1);
  if (target.substr(0, target.find('?')) != "/metrics") return Wanted::other_path;
  return method == "GET" ? Wanted::page : Wanted::head_of_page;
}

std::string head_of(std::string_view status, std::size_t size, std::string_view more = {}) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: " + std::to_string(size) +
         "\r\nConnection: close\r\n" + std::string(more) + "\r\n";
}

// Errors: too_large; those of the stream.
Task<Result<std::string>> read_head(env::Stream& stream) {
  std::string head;
  std::array<std::byte, 1024> piece;
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (head.size() > MetricsEndpoint::kMaxHead) co_return fail(Errc::too_large, "the request's head");
    B_CO_TRY(const std::size_t count, co_await stream.read_some(piece));
    head += as_text(ByteView(piece).first(count));
  }
  co_return Result<std::string>(std::move(head));
}

}  // namespace

MetricsEndpoint::MetricsEndpoint(Services& services, std::unique_ptr<env::Listener> listener)
    : services_(services), listener_(std::move(listener)), scope_(services.env.executor) {}

void MetricsEndpoint::start() { scope_.spawn(accept()); }

void MetricsEndpoint::stop() {
  listener_->close();
  scope_.cancel();
}

Task<void> MetricsEndpoint::accept() {
  while (true) {
    Result<std::unique_ptr<env::Stream>> stream = co_await listener_->accept();
    if (!stream) {
      if (stream.error().code == Errc::closed) co_return;
      services_.env.logger.log(env::LogLevel::warn, "metrics", "accept: " + stream.error().to_string());
      co_await services_.env.clock.sleep_for(kAcceptPause);
      continue;
    }
    if (clients_ >= kMaxClients) continue;
    ++clients_;
    scope_.spawn(serve(*std::move(stream)));
  }
}

Task<void> MetricsEndpoint::serve(std::unique_ptr<env::Stream> stream) {
  const Instant deadline = services_.env.clock.now() + kPatience;
  Task<Result<void>> work = answer(*stream);
  // A client that is too slow or says nonsense gets no more than the end of its connection.
  (void)co_await env::with_deadline(services_.env.executor, services_.env.clock, deadline, std::move(work));
  --clients_;
}

Task<Result<void>> MetricsEndpoint::answer(env::Stream& stream) {
  B_CO_TRY(const std::string head, co_await read_head(stream));
  std::string body;
  std::string answer;
  switch (wanted(head)) {
    case Wanted::nonsense: co_return Result<void>{};
    case Wanted::other_method: answer = head_of("405 Method Not Allowed", 0, "Allow: GET, HEAD\r\n"); break;
    case Wanted::other_path:
      body = "The metrics are at /metrics.\n";
      answer = head_of("404 Not Found", body.size());
      break;
    case Wanted::head_of_page:
    case Wanted::page: {
      body = co_await metrics_page(services_);
      answer = head_of("200 OK", body.size());
      if (wanted(head) == Wanted::head_of_page) body.clear();
      break;
    }
  }
  const ByteView parts[] = {as_bytes(answer), as_bytes(body)};
  B_CO_TRY_VOID(co_await stream.write(parts));
  // Closing at once could reset what the client has not read yet: it leaves first, or the deadline passes.
  std::array<std::byte, 64> ignored;
  while (co_await stream.read_some(ignored)) {
  }
  co_return Result<void>{};
}

}  // namespace barnabas::broker
