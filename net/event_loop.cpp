#include "net/event_loop.hpp"

#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "net/disk.hpp"
#include "net/host.hpp"
#include "net/logger.hpp"
#include "net/network.hpp"
#include "net/reactor.hpp"

namespace barnabas::net {
namespace {

class PoolOffload final : public env::Offload {
 public:
  explicit PoolOffload(Reactor& reactor) : reactor_(reactor) {}

  Task<void> run(std::function<void()> work) override {
    auto job = [work = std::move(work)] {
      work();
      return true;
    };
    (void)co_await reactor_.run_on(reactor_.offload_pool(), std::move(job));
  }

 private:
  Reactor& reactor_;
};

}  // namespace

struct EventLoop::Parts {
  explicit Parts(const LoopOptions& options)
      : reactor(options.disk_threads, options.offload_threads),
        logger(options.log_level),
        network(reactor, logger),
        disk(reactor),
        offload(reactor),
        host(logger) {}

  Reactor reactor;
  StderrLogger logger;
  TcpNetwork network;
  LocalDisk disk;
  SystemRandom random;
  PoolOffload offload;
  LocalHost host;
  std::optional<asio::signal_set> signals;
  std::function<void(int)> on_signal;

  void wait_for_signal() {
    signals->async_wait([this](boost::system::error_code error, int signal) {
      if (error) return;
      on_signal(signal);
      wait_for_signal();
    });
  }
};

EventLoop::EventLoop(LoopOptions options) : parts_(std::make_unique<Parts>(options)) {
  std::signal(SIGPIPE, SIG_IGN);  // A broken connection or terminal is an error of the write, no more.
}

EventLoop::~EventLoop() = default;

env::Env EventLoop::env() {
  Parts& parts = *parts_;
  return {parts.reactor, parts.reactor.clock(), parts.disk, parts.network,
          parts.random,  parts.offload,         parts.host, parts.logger};
}

void EventLoop::drive(Task<void> task) {
  bool done = false;
  const auto root = [](Task<void> inner, bool& finished) -> Task<void> {
    co_await std::move(inner);
    finished = true;
  };
  Task<void> outer = root(std::move(task), done);
  outer.start(std::noop_coroutine());
  parts_->reactor.run_until(done);
}

void EventLoop::on_termination(std::function<void(int signal)> handler) {
  parts_->on_signal = std::move(handler);
  parts_->signals.emplace(parts_->reactor.io(), SIGTERM, SIGINT);
  parts_->wait_for_signal();
}

void EventLoop::set_log_level(env::LogLevel level) { parts_->logger.set_level(level); }

}  // namespace barnabas::net
