#include "core/async/scope.hpp"

namespace barnabas {

// A detached coroutine around one task. Its frame is linked into the scope's list through the Child object in
// its promise; it destroys itself when the task is done.
struct Scope::Child : ListHook {
  std::coroutine_handle<> frame;
};

namespace {

template <class Child>
struct Root {
  struct promise_type : Child {
    Waiter start;

    Root get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }  // The frame frees itself.
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

template <class Child>
Root<Child> run(Task<void> task, std::size_t& size, Notification& idle) {
  co_await std::move(task);
  task.reset();
  if (--size == 0) idle.notify_all();
}

}  // namespace

Scope::Scope(Executor& executor) : executor_(executor), idle_(executor) {}
Scope::~Scope() { cancel(); }

void Scope::spawn(Task<void> task) {
  auto root = run<Child>(std::move(task), size_, idle_);
  auto& promise = root.handle.promise();
  promise.frame = root.handle;
  promise.start.handle = root.handle;
  children_.push_back(promise);
  ++size_;
  executor_.schedule(promise.start);
}

void Scope::cancel() {
  // Last spawned first: later tasks may lean on earlier ones.
  while (Child* child = children_.pop_back()) {
    --size_;
    child->frame.destroy();
  }
}

}  // namespace barnabas
