#include "core/controller/peers.hpp"

#include <algorithm>
#include <array>

#include "core/env/timeout.hpp"

namespace barnabas::controller {

namespace {

constexpr Duration kAgain = std::chrono::seconds(1);

Task<Result<std::unique_ptr<env::Stream>>> connect(env::Env env, env::Endpoint at) {
  auto connecting = env.network.connect(std::move(at));
  const Instant deadline = env.clock.now() + kProbeTimeout;
  co_return co_await env::with_deadline(env.executor, env.clock, deadline, std::move(connecting));
}

}  // namespace

Task<Verdict> probe(env::Env env, env::Endpoint at) {
  for (const bool second : {false, true}) {
    if (second) co_await env.clock.sleep_for(kSecondProbe);
    const auto stream = co_await connect(env, at);
    if (stream) co_return Verdict::alive;
    if (stream.error().code != Errc::connection_refused) co_return Verdict::unknown;
  }
  co_return Verdict::refused;
}

Task<void> until_refused(env::Env env, env::Endpoint at) {
  int refusals = 0;
  while (refusals < 2) {
    if (refusals > 0) co_await env.clock.sleep_for(kSecondProbe);
    const Instant began = env.clock.now();
    const auto stream = co_await connect(env, at);
    if (!stream) {
      const bool refused = stream.error().code == Errc::connection_refused;
      refusals = refused ? refusals + 1 : 0;
      if (!refused) co_await env.clock.sleep_for(kAgain);
      continue;
    }
    refusals = 0;
    // Nothing is said on it: the read ends when the connection does.
    std::array<std::byte, 1> byte{};
    while (true) {
      const auto read = co_await (*stream)->read_some(byte);
      if (!read) break;
    }
    if (env.clock.now() - began < kAgain) co_await env.clock.sleep_for(kSecondProbe);
  }
}

bool SuspicionBudget::allow(BrokerId broker, std::int64_t epoch, Instant now) {
  Last& last = last_[broker];
  if (last.epoch != epoch) last = Last{epoch, {}, now};
  if (now < last.next) return false;
  recent_.erase(recent_.begin(), recent_.upper_bound(now - std::chrono::minutes(1)));
  if (recent_.size() >= kPerMinute) return false;
  recent_.emplace(now, broker);
  last.pause = std::clamp(last.pause * 2, kFirstPause, kMaxPause);
  last.next = now + last.pause;
  return true;
}

}  // namespace barnabas::controller
