// What kind of value a member of a message is; behind codec_impl.hpp and json_impl.hpp.
#pragma once

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol::detail {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

// Whatever remains when the plain kinds are excluded is a declared struct.
template <class T>
concept Struct =
    !std::is_arithmetic_v<T> && !std::is_enum_v<T> && !std::is_same_v<T, Uuid> && !std::is_same_v<T, String> &&
    !std::is_same_v<T, Bytes> && !std::is_same_v<T, Records> && !kIsOptional<T> && !kIsVector<T>;

template <class T>
inline constexpr bool kIsOptionalStruct = false;
template <class T>
inline constexpr bool kIsOptionalStruct<std::optional<T>> = Struct<T>;

// Structs of messages without flexible versions have no place for unknown tags.
template <class S>
concept KeepsTags = requires(S s) { s.unknown_tags; };

// In place of emplace(), which compilers refuse for a struct nested in the message: they look whether it can be
// made from nothing while its initialisers are not read yet.
template <class T>
T& fill(std::optional<T>& value) {
  value = T{};
  return *value;
}

// The fields of a declared struct, known while compiling: what a field's declaration rules out costs nothing.
template <Struct S>
inline constexpr auto kFields = S::fields([](auto... fields) { return std::make_tuple(fields...); });

template <Struct S, std::size_t I>
inline constexpr auto kField = std::get<I>(kFields<S>);

// Calls f.template operator()<I>() for the index of each field, in wire order.
template <Struct S, class F>
constexpr void for_each_field(F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f.template operator()<I>(), ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(kFields<S>)>>());
}

constexpr bool is_empty(Versions versions) { return versions.first > versions.last; }

template <Struct S>
constexpr bool has_tagged_fields() {
  bool found = false;
  for_each_field<S>([&]<std::size_t I>() { found = found || !is_empty(kField<S, I>.tag_versions); });
  return found;
}

}  // namespace barnabas::protocol::detail
