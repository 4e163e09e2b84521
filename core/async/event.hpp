// Waiting for something that happens inside one node: Event, Notification, Semaphore.
//
// All are single-threaded. Waiters resume through the executor, in the order they came, never inside the call
// that woke them. A primitive outlives the frames that wait on it: declare a Scope after what its tasks use, so
// that it is destroyed first.
#pragma once

#include <cstdint>
#include <utility>

#include "core/async/executor.hpp"

namespace barnabas {

// A door that opens once. wait() passes at once when it is open.
class Event {
 public:
  explicit Event(Executor& executor) : executor_(executor) {}

  bool is_set() const { return set_; }
  void set() {
    set_ = true;
    while (Waiter* waiter = waiters_.pop_front()) executor_.schedule(*waiter);
  }

  auto wait() {
    struct Awaiter : Waiter {
      explicit Awaiter(Event& e) : event(e) {}
      Event& event;
      bool await_ready() const noexcept { return event.set_; }
      void await_suspend(std::coroutine_handle<> h) noexcept {
        handle = h;
        event.waiters_.push_back(*this);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter(*this);
  }

 private:
  Executor& executor_;
  IntrusiveList<Waiter> waiters_;
  bool set_ = false;
};

// Tells whoever waits now that something changed; remembers nothing. The waiter looks again by itself:
//   while (!condition()) co_await changed.wait();
class Notification {
 public:
  explicit Notification(Executor& executor) : executor_(executor) {}

  void notify_all() {
    while (Waiter* waiter = waiters_.pop_front()) executor_.schedule(*waiter);
  }
  bool has_waiters() const { return !waiters_.empty(); }

  auto wait() {
    struct Awaiter : Waiter {
      explicit Awaiter(Notification& n) : notification(n) {}
      Notification& notification;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> h) noexcept {
        handle = h;
        notification.waiters_.push_back(*this);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter(*this);
  }

 private:
  Executor& executor_;
  IntrusiveList<Waiter> waiters_;
};

// Gives out units in the order they were asked for; a large request is not overtaken by small ones.
class Semaphore {
 public:
  Semaphore(Executor& executor, std::int64_t units) : executor_(executor), free_(units) {}

  // A held share; gives its units back when destroyed.
  class [[nodiscard]] Units {
   public:
    Units() = default;
    Units(Semaphore& semaphore, std::int64_t count) : semaphore_(&semaphore), count_(count) {}
    Units(Units&& other) noexcept
        : semaphore_(std::exchange(other.semaphore_, nullptr)), count_(other.count_) {}
    Units& operator=(Units&& other) noexcept {
      if (this != &other) {
        release();
        semaphore_ = std::exchange(other.semaphore_, nullptr);
        count_ = other.count_;
      }
      return *this;
    }
    ~Units() { release(); }
    void release() {
      if (Semaphore* semaphore = std::exchange(semaphore_, nullptr)) semaphore->give_back(count_);
    }

   private:
    Semaphore* semaphore_ = nullptr;
    std::int64_t count_ = 0;
  };

  std::int64_t available() const { return free_; }

  // co_await acquire(n) -> Units.
  auto acquire(std::int64_t count = 1) {
    struct Awaiter : Acquirer {
      using Acquirer::Acquirer;
      bool await_ready() noexcept {
        if (!this->semaphore.waiters_.empty() || this->semaphore.free_ < this->count) return false;
        this->semaphore.free_ -= this->count;
        this->granted = true;
        return true;
      }
      void await_suspend(std::coroutine_handle<> h) noexcept {
        this->handle = h;
        this->semaphore.waiters_.push_back(*this);
      }
      Units await_resume() noexcept {
        this->granted = false;
        return Units(this->semaphore, this->count);
      }
    };
    return Awaiter(*this, count);
  }

 private:
  struct Acquirer : Waiter {
    Acquirer(Semaphore& s, std::int64_t n) : semaphore(s), count(n) {}
    // Granted but destroyed before it resumed: the units go back.
    ~Acquirer() {
      if (granted) {
        unlink();
        semaphore.give_back(count);
      }
    }
    Semaphore& semaphore;
    std::int64_t count;
    bool granted = false;
  };

  void give_back(std::int64_t count) {
    free_ += count;
    while (!waiters_.empty() && waiters_.front().count <= free_) {
      Acquirer* next = waiters_.pop_front();
      free_ -= next->count;
      next->granted = true;
      executor_.schedule(*next);
    }
  }

  Executor& executor_;
  std::int64_t free_;
  IntrusiveList<Acquirer> waiters_;
};

}  // namespace barnabas
