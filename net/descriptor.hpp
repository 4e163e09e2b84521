// A file descriptor that the loop watches: waiting until it can be read or written.
#pragma once

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

#include "net/reactor.hpp"

namespace barnabas::net {

// Owns a non-blocking descriptor. Shared by the object that stands for it (a stream, a listener) and by the
// coroutines that wait on it, so that each can go first.
class Descriptor : public std::enable_shared_from_this<Descriptor> {
 public:
  enum class Side : std::uint8_t { read, write };

  Descriptor(Reactor& reactor, int fd) : reactor_(reactor), descriptor_(reactor.io(), fd) {}

  Reactor& reactor() { return reactor_; }
  bool closed() const { return closed_; }
  // Not valid once closed: look after each wait.
  int fd() { return descriptor_.native_handle(); }
  // Wakes all who wait.
  void close() {
    if (closed_) return;
    closed_ = true;
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    wake(Side::read);
    wake(Side::write);
  }

  // Resumes when the descriptor may be ready, or was closed. May resume for nothing.
  auto ready(Side side) {
    struct Awaiter : Waiter {
      Awaiter(Descriptor& d, Side s) : descriptor(d), side(s) {}
      Descriptor& descriptor;
      Side side;
      bool await_ready() const noexcept { return descriptor.closed_; }
      void await_suspend(std::coroutine_handle<> h) {
        handle = h;
        descriptor.watch(side).waiters.push_back(*this);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter(*this, side);
  }

 private:
  struct Watch {
    IntrusiveList<Waiter> waiters;
    bool armed = false;  // One wait per side in the system, however many frames waited and were destroyed.
  };

  Watch& watch(Side side) {
    Watch& watch = watches_[side == Side::read ? 0 : 1];
    if (!watch.armed) {
      watch.armed = true;
      descriptor_.async_wait(
          side == Side::read ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write,
          [self = shared_from_this(), side](boost::system::error_code) { self->wake(side); });
    }
    return watch;
  }
  void wake(Side side) {
    Watch& watch = watches_[side == Side::read ? 0 : 1];
    watch.armed = false;
    while (Waiter* waiter = watch.waiters.pop_front()) reactor_.schedule(*waiter);
  }

  Reactor& reactor_;
  asio::posix::stream_descriptor descriptor_;
  std::array<Watch, 2> watches_;
  bool closed_ = false;
};

}  // namespace barnabas::net
