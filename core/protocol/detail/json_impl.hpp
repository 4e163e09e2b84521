// The templates that turn a declared message into JSON and back. Included only by message_impl.hpp.
#pragma once

#include <limits>

#include "core/base/result.hpp"
#include "core/protocol/detail/codec_impl.hpp"
#include "core/protocol/detail/json_access.hpp"
#include "core/protocol/detail/traits.hpp"

namespace barnabas::protocol::detail {

template <Struct S>
void struct_to_json(const S& value, std::int16_t version, Json& out);

template <class T>
void value_to_json(const T& value, std::int16_t version, Json& out) {
  if constexpr (std::is_same_v<T, bool>) {
    set_bool(out, value);
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    set_integer(out, static_cast<std::int64_t>(value));
  } else if constexpr (std::is_same_v<T, double>) {
    set_float64(out, value);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    set_text(out, value.to_string());
  } else if constexpr (std::is_same_v<T, String>) {
    set_text(out, value.view());
  } else if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, Records>) {
    set_base64(out, value.view());
  } else if constexpr (kIsVector<T>) {
    make_array(out, value.size());
    for (std::size_t i = 0; i < value.size(); ++i) value_to_json(value[i], version, element(out, i));
  } else if constexpr (kIsOptional<T>) {
    if (!value.has_value()) return set_null(out);
    value_to_json(*value, version, out);
  } else {
    struct_to_json(value, version, out);
  }
}

template <Struct S>
void struct_to_json(const S& value, std::int16_t version, Json& out) {
  make_object(out);
  for_each_field<S>([&]<std::size_t I>() {
    constexpr auto kIt = kField<S, I>;
    if (!is_plain<S, I>(version) && !is_sent_as_tag<S, I>(version, value)) return;
    value_to_json(value.*kIt.member, version, member(out, kIt.name));
  });
}

template <Struct S>
void struct_from_json(JsonReader& reader, const Json& json, std::int16_t version, S& value);

template <class T>
void value_from_json(JsonReader& reader, const Json& json, std::int16_t version, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = reader.boolean(json);
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    value_from_json(reader, json, version, number);
    value = static_cast<T>(number);
  } else if constexpr (std::is_integral_v<T>) {
    value = static_cast<T>(reader.integer(json, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  } else if constexpr (std::is_same_v<T, double>) {
    value = reader.float64(json);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    value = reader.uuid(json);
  } else if constexpr (std::is_same_v<T, String>) {
    value = String(reader.text(json));
  } else if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, Records>) {
    value = T(reader.base64(json));
  } else if constexpr (kIsVector<T>) {
    value.resize(reader.array_size(json));
    for (std::size_t i = 0; i < value.size() && reader.ok(); ++i) {
      value_from_json(reader, reader.element(json, i), version, value[i]);
    }
  } else if constexpr (kIsOptional<T>) {
    value.reset();
    if (!reader.is_null(json)) value_from_json(reader, json, version, fill(value));
  } else {
    struct_from_json(reader, json, version, value);
  }
}

template <Struct S>
void struct_from_json(JsonReader& reader, const Json& json, std::int16_t version, S& value) {
  for_each_field<S>([&]<std::size_t I>() {
    constexpr auto kIt = kField<S, I>;
    if (!kIt.versions.contains(version) || !reader.ok()) return;
    const Json* found = reader.find(json, kIt.name);
    if (found != nullptr) {
      value_from_json(reader, *found, version, value.*kIt.member);
    } else if (!kIt.tag_versions.contains(version)) {
      reader.missing();
    }
    if (!reader.ok()) reader.add_failed_field(kIt.name);
  });
}

template <Message M>
void message_to_json(const M& message, std::int16_t version, Json& out) {
  struct_to_json(message, version, out);
}

template <Message M>
Result<M> message_from_json(const Json& json, std::int16_t version) {
  Result<M> message(std::in_place);
  JsonReader reader;
  struct_from_json(reader, json, version, *message);
  if (!reader.ok()) return fail(Errc::invalid_argument, reader.describe());
  return message;
}

}  // namespace barnabas::protocol::detail
