// Integers that do not mix: an Offset is not a LeaderEpoch, although both are numbers.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace barnabas {

// An integer with a meaning. Explicit to make, explicit to take apart (value()), ordered, and hashable.
// Adding a plain count gives the same kind; subtracting two of a kind gives a count.
template <class Tag, class Rep>
class Strong {
 public:
  using rep = Rep;

  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }

  constexpr auto operator<=>(const Strong&) const = default;

  constexpr Strong& operator+=(Rep count) {
    value_ = static_cast<Rep>(value_ + count);
    return *this;
  }
  constexpr Strong& operator++() { return *this += 1; }
  friend constexpr Strong operator+(Strong a, Rep count) { return Strong(static_cast<Rep>(a.value_ + count)); }
  friend constexpr Strong operator-(Strong a, Rep count) { return Strong(static_cast<Rep>(a.value_ - count)); }
  friend constexpr Rep operator-(Strong a, Strong b) { return static_cast<Rep>(a.value_ - b.value_); }

 private:
  Rep value_{};
};

}  // namespace barnabas

template <class Tag, class Rep>
struct std::hash<barnabas::Strong<Tag, Rep>> {
  std::size_t operator()(barnabas::Strong<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value()); }
};
