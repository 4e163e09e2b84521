// Assertions that stay on in release builds and print their operands.
//
// They find our own mistakes, never bad input or a failing disk: those are Results. A failed check ends the
// process (SIGABRT) after one line on stderr; the simulator reports it as result=crash with the seed.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace barnabas {

// Prints "file:line: check failed: expression (detail)" to stderr and aborts. The only place of core that
// writes anywhere by itself: a process that is about to die cannot ask env for it.
[[noreturn]] void check_failed(const char* file, int line, const char* expression, std::string_view detail);

namespace detail {

template <class T>
std::string operand(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (std::integral<T> || std::floating_point<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_pointer_v<T> || std::is_null_pointer_v<T>) {
    return value == nullptr ? "null" : "non-null";  // Addresses must not reach an output (law 2).
  } else if constexpr (std::convertible_to<T, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (requires { value.value(); }) {
    return operand(value.value());
  } else {
    return "?";
  }
}

}  // namespace detail
}  // namespace barnabas

#define B_CHECK(condition)                                                    \
  do {                                                                        \
    if (!(condition)) [[unlikely]]                                            \
      ::barnabas::check_failed(__FILE__, __LINE__, #condition, ""); \
  } while (false)

// B_CHECK_OP(a, <=, b) evaluates each operand once and prints both when it fails.
#define B_CHECK_OP(a, op, b)                                                                             \
  do {                                                                                                   \
    const auto& b_check_left = (a);                                                                      \
    const auto& b_check_right = (b);                                                                     \
    if (!(b_check_left op b_check_right)) [[unlikely]]                                                   \
      ::barnabas::check_failed(__FILE__, __LINE__, #a " " #op " " #b,                                    \
                               ::barnabas::detail::operand(b_check_left) + " " #op " " +                 \
                                   ::barnabas::detail::operand(b_check_right));                          \
  } while (false)
