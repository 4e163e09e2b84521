// The requests that wait for an answer of the coordinator.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "core/async/event.hpp"
#include "core/coordinator/runtime/operation.hpp"

namespace barnabas::coordinator {

class Waiters;

// Lives in the frame of the request. When the frame is destroyed first, its answer goes nowhere.
class AnswerSlot {
 public:
  AnswerSlot(Executor& executor, std::shared_ptr<Waiters> waiters);
  ~AnswerSlot();
  AnswerSlot(const AnswerSlot&) = delete;
  AnswerSlot& operator=(const AnswerSlot&) = delete;

  WaiterId id() const { return id_; }
  auto wait() { return ready_.wait(); }
  // After wait(). T is the kind of answer that the operation has.
  template <class T>
  T take() {
    return std::get<T>(std::move(*answer_));
  }

 private:
  friend class Waiters;

  std::shared_ptr<Waiters> waiters_;
  WaiterId id_;
  Event ready_;
  std::optional<Answer> answer_;
};

// Shared by the coordinator and the slots, so that either may be destroyed first.
class Waiters {
 public:
  // Nothing happens when nobody waits under the answer's id any more.
  void answer(Answer answer) {
    const WaiterId id = std::visit([](const auto& each) { return each.waiter; }, answer);
    const auto found = slots_.find(id);
    if (found == slots_.end()) return;
    AnswerSlot& slot = *found->second;
    slots_.erase(found);
    slot.answer_ = std::move(answer);
    slot.ready_.set();
  }
  std::size_t size() const { return slots_.size(); }

 private:
  friend class AnswerSlot;

  std::map<WaiterId, AnswerSlot*> slots_;
  WaiterId last_{0};
};

inline AnswerSlot::AnswerSlot(Executor& executor, std::shared_ptr<Waiters> waiters)
    : waiters_(std::move(waiters)), id_(++waiters_->last_), ready_(executor) {
  waiters_->slots_.emplace(id_, this);
}
inline AnswerSlot::~AnswerSlot() { waiters_->slots_.erase(id_); }

}  // namespace barnabas::coordinator
