// What kind of value a member of a message is; behind codec_impl.hpp and json_impl.hpp.
#pragma once

#include <optional>
#include <type_traits>
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

template <class S>
constexpr bool has_tagged_fields() {
  return S::fields([](const auto&... fields) { return ((fields.tag_versions.contains(32767)) || ... || false); });
}

}  // namespace barnabas::protocol::detail
