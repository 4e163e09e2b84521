// A doubly linked list whose links live in the elements, and whose elements leave it when they die.
//
// This is what makes it safe to destroy a suspended coroutine: the awaiter in its frame is a ListHook, and
// its destructor takes it out of whatever list it waits in. No allocation; O(1) everywhere.
#pragma once

#include "core/base/check.hpp"

namespace barnabas {

class ListHook {
 public:
  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }

  bool linked() const { return next_ != nullptr; }
  void unlink() {
    if (!linked()) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    prev_ = next_ = nullptr;
  }

 private:
  template <class T>
  friend class IntrusiveList;

  ListHook* prev_ = nullptr;
  ListHook* next_ = nullptr;
};

// T derives from ListHook. The list owns nothing. Destroying a list unlinks what is left in it.
template <class T>
class IntrusiveList {
 public:
  IntrusiveList() { head_.prev_ = head_.next_ = &head_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    clear();
    head_.prev_ = head_.next_ = nullptr;
  }

  bool empty() const { return head_.next_ == &head_; }
  T& front() { return *static_cast<T*>(head_.next_); }

  void push_back(T& element) {
    ListHook& hook = element;
    B_CHECK(!hook.linked());
    hook.prev_ = head_.prev_;
    hook.next_ = &head_;
    head_.prev_->next_ = &hook;
    head_.prev_ = &hook;
  }
  // The first element, unlinked; null when the list is empty.
  T* pop_front() {
    if (empty()) return nullptr;
    T& element = front();
    static_cast<ListHook&>(element).unlink();
    return &element;
  }
  T* pop_back() {
    if (empty()) return nullptr;
    T& element = *static_cast<T*>(head_.prev_);
    static_cast<ListHook&>(element).unlink();
    return &element;
  }
  void clear() {
    while (pop_front() != nullptr) {
    }
  }
  // Moves everything of other to the end of this list.
  void splice_back(IntrusiveList& other) {
    while (T* element = other.pop_front()) push_back(*element);
  }

 private:
  ListHook head_;
};

}  // namespace barnabas
