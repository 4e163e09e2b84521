// The templates that read and write a declared message. Included only by the .cpp files that instantiate them
// (message_impl.hpp).
#pragma once

#include <algorithm>
#include <span>
#include <utility>

#include "core/protocol/codec.hpp"
#include "core/protocol/detail/traits.hpp"

namespace barnabas::protocol::detail {

// ---- Decoding

// The fewest bytes that a T takes: bounds an array's length before anything is allocated for it.
template <class T>
std::size_t minimum_size(std::int16_t version, bool flexible) {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    return sizeof(T);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    return 16;
  } else if constexpr (std::is_same_v<T, String> || std::is_same_v<T, std::optional<String>>) {
    return flexible ? 1 : 2;
  } else if constexpr (Struct<T>) {
    const auto size_of = [&]<class S, class U>(const Field<S, U>& field) -> std::size_t {
      if (!field.versions.contains(version) || field.tag_versions.contains(version)) return 0;
      return minimum_size<U>(version, flexible);
    };
    return T::fields([&](const auto&... fields) { return (size_of(fields) + ... + (flexible ? 1u : 0u)); });
  } else {
    return flexible ? 1 : 4;  // A length.
  }
}

template <Struct S>
void decode_struct(Decoder& decoder, S& value);

template <class T>
void decode_value(Decoder& decoder, T& value, bool compact);

template <class T>
void decode_array(Decoder& decoder, std::vector<T>& values, std::int32_t length, bool compact) {
  const std::size_t count = static_cast<std::size_t>(length);
  const std::size_t least = std::max<std::size_t>(1, minimum_size<T>(decoder.version(), decoder.flexible()));
  if (count > decoder.remaining() / least) return decoder.set_truncated();
  values.resize(count);
  for (T& value : values) {
    decode_value(decoder, value, compact);
    if (!decoder.ok()) return;
  }
}

template <class T>
void decode_value(Decoder& decoder, T& value, bool compact) {
  if constexpr (std::is_same_v<T, bool>) {
    value = decoder.integer<std::int8_t>() != 0;
  } else if constexpr (std::is_integral_v<T>) {
    value = decoder.integer<T>();
  } else if constexpr (std::is_enum_v<T>) {
    value = static_cast<T>(decoder.integer<std::underlying_type_t<T>>());
  } else if constexpr (std::is_same_v<T, double>) {
    value = decoder.float64();
  } else if constexpr (std::is_same_v<T, Uuid>) {
    value = decoder.uuid();
  } else if constexpr (std::is_same_v<T, String>) {
    if (auto text = decoder.string(compact)) {
      value = std::move(*text);
    } else {
      decoder.set_null_refused();
    }
  } else if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, Records>) {
    if (const auto bytes = decoder.bytes(compact)) {
      value = T::borrow(*bytes);
    } else {
      decoder.set_null_refused();
    }
  } else if constexpr (kIsVector<T>) {
    const std::int32_t length = decoder.length(compact);
    if (length < 0) return decoder.set_null_refused();
    decode_array(decoder, value, length, compact);
  } else {
    decode_struct(decoder, value);
  }
}

// Before a struct that may be null stands a signed byte, below 0 for null; in a tagged field, where Kafka writes it
// as an unsigned varint, 0 for null.
inline bool announces_struct(Decoder& decoder, bool tagged) {
  const auto marker = decoder.integer<std::int8_t>();
  return decoder.ok() && (tagged ? marker != 0 : marker >= 0);
}

template <class T>
void decode_nullable(Decoder& decoder, std::optional<T>& value, bool compact, bool tagged) {
  if constexpr (std::is_same_v<T, String>) {
    value = decoder.string(compact);
  } else if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, Records>) {
    const auto bytes = decoder.bytes(compact);
    if (bytes) value = T::borrow(*bytes);
  } else if constexpr (kIsVector<T>) {
    const std::int32_t length = decoder.length(compact);
    if (length < 0 || !decoder.ok()) return;
    decode_array(decoder, fill(value), length, compact);
  } else {
    value.reset();
    if (announces_struct(decoder, tagged)) decode_struct(decoder, fill(value));
  }
}

template <class S, class T>
void decode_member(Decoder& decoder, S& value, const Field<S, T>& field) {
  T& member = value.*field.member;
  const bool compact = decoder.flexible() && !field.never_compact;
  if constexpr (kIsOptional<T>) {
    if (field.null_versions.contains(decoder.version())) {
      decode_nullable(decoder, member, compact, field.tag_versions.contains(decoder.version()));
    } else {
      decode_value(decoder, fill(member), compact);
    }
  } else {
    decode_value(decoder, member, compact);
  }
  if (!decoder.ok()) [[unlikely]]
    decoder.add_failed_field(field.name);
}

template <class S, class T>
void decode_field(Decoder& decoder, S& value, const Field<S, T>& field) {
  const std::int16_t version = decoder.version();
  if (!field.versions.contains(version) || field.tag_versions.contains(version) || !decoder.ok()) return;
  decode_member(decoder, value, field);
}

// True when the tag is this field's. Like Kafka, trusts the field's own length and not the tag's size.
template <class S, class T>
bool decode_if_tagged(Decoder& decoder, S& value, const Field<S, T>& field, std::uint32_t tag) {
  const std::int16_t version = decoder.version();
  if (field.tag != tag || !field.tag_versions.contains(version) || !field.versions.contains(version)) return false;
  decode_member(decoder, value, field);
  return true;
}

template <Struct S>
void decode_tags(Decoder& decoder, S& value) {
  const auto count = static_cast<std::int32_t>(decoder.unsigned_varint());
  for (std::int32_t i = 0; i < count && decoder.ok(); ++i) {
    const std::uint32_t tag = decoder.unsigned_varint();
    const std::uint32_t size = decoder.unsigned_varint();
    if (!decoder.ok()) return;
    const bool known = S::fields(
        [&](const auto&... fields) { return (decode_if_tagged(decoder, value, fields, tag) || ... || false); });
    if (known) continue;
    const ByteView data = decoder.raw(size);
    if constexpr (KeepsTags<S>) {
      if (decoder.ok()) value.unknown_tags.push_back({tag, data});
    }
  }
}

template <Struct S>
void decode_struct(Decoder& decoder, S& value) {
  S::fields([&](const auto&... fields) { (decode_field(decoder, value, fields), ...); });
  if (decoder.flexible() && decoder.ok()) decode_tags(decoder, value);
}

// ---- Encoding

template <Struct S>
void encode_struct(Encoder& encoder, const S& value);

template <class T>
void encode_value(Encoder& encoder, const T& value, bool compact) {
  if constexpr (std::is_same_v<T, bool>) {
    encoder.integer(static_cast<std::int8_t>(value ? 1 : 0));
  } else if constexpr (std::is_integral_v<T>) {
    encoder.integer(value);
  } else if constexpr (std::is_enum_v<T>) {
    encoder.integer(std::to_underlying(value));
  } else if constexpr (std::is_same_v<T, double>) {
    encoder.float64(value);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    encoder.uuid(value);
  } else if constexpr (std::is_same_v<T, String>) {
    encoder.string_length(static_cast<std::int64_t>(value.size()), compact);
    encoder.raw(as_bytes(value.view()));
  } else if constexpr (std::is_same_v<T, Bytes>) {
    encoder.length(static_cast<std::int64_t>(value.size()), compact);
    encoder.raw(value.view());
  } else if constexpr (std::is_same_v<T, Records>) {
    encoder.length(static_cast<std::int64_t>(value.size()), compact);
    encoder.records(value);
  } else if constexpr (kIsVector<T>) {
    encoder.length(static_cast<std::int64_t>(value.size()), compact);
    for (const auto& element : value) encode_value(encoder, element, compact);
  } else {
    encode_struct(encoder, value);
  }
}

template <class T>
void encode_null(Encoder& encoder, bool compact, bool tagged) {
  if constexpr (std::is_same_v<T, String>) {
    encoder.string_length(-1, compact);
  } else if constexpr (Struct<T>) {
    encoder.integer(static_cast<std::int8_t>(tagged ? 0 : -1));  // See announces_struct.
  } else {
    encoder.length(-1, compact);
  }
}

template <class S, class T>
void encode_member(Encoder& encoder, const S& value, const Field<S, T>& field) {
  const T& member = value.*field.member;
  const bool compact = encoder.flexible() && !field.never_compact;
  if constexpr (kIsOptional<T>) {
    using Inner = typename T::value_type;
    const bool may_be_null = field.null_versions.contains(encoder.version());
    if (!member.has_value() && may_be_null) {
      return encode_null<Inner>(encoder, compact, field.tag_versions.contains(encoder.version()));
    }
    if (Struct<Inner> && may_be_null) encoder.integer(static_cast<std::int8_t>(1));
    if (member.has_value()) {
      encode_value(encoder, *member, compact);
    } else {
      encode_value(encoder, Inner{}, compact);
    }
  } else {
    encode_value(encoder, member, compact);
  }
}

template <class S, class T>
void encode_field(Encoder& encoder, const S& value, const Field<S, T>& field) {
  const std::int16_t version = encoder.version();
  if (!field.versions.contains(version) || field.tag_versions.contains(version)) return;
  encode_member(encoder, value, field);
}

inline void encode_unknown_tag(Encoder& encoder, const UnknownTag& unknown) {
  encoder.unsigned_varint(unknown.tag);
  encoder.unsigned_varint(static_cast<std::uint32_t>(unknown.data.size()));
  encoder.raw(unknown.data);
}

// Arrays, and what may be null but structs, have no other default than empty and null.
template <class T>
bool is_default(const T& member, const T& by_default) {
  if constexpr (kIsVector<T>) {
    return member.empty();
  } else if constexpr (kIsOptionalStruct<T> && requires { *member == *by_default; }) {
    return member == by_default;
  } else if constexpr (kIsOptional<T>) {
    return !member.has_value();
  } else if constexpr (requires { member == by_default; }) {
    return member == by_default;
  } else {
    return false;  // No tagged field: those are comparable.
  }
}

// A tagged field is sent when it exists in this version and differs from its default.
template <class S, class T>
bool is_sent_as_tag(std::int16_t version, const S& value, const S& defaults, const Field<S, T>& field) {
  return field.tag_versions.contains(version) && field.versions.contains(version) &&
         !is_default(value.*field.member, defaults.*field.member);
}

// The struct's own tagged fields and the unknown ones, in the order of their tags.
template <Struct S>
void encode_tags(Encoder& encoder, const S& value) {
  std::span<const UnknownTag> unknown;
  if constexpr (KeepsTags<S>) unknown = value.unknown_tags;
  if constexpr (!has_tagged_fields<S>()) {
    encoder.unsigned_varint(static_cast<std::uint32_t>(unknown.size()));
    for (const UnknownTag& tag : unknown) encode_unknown_tag(encoder, tag);
  } else {
    const S defaults{};
    const std::int16_t version = encoder.version();
    const std::size_t known = S::fields([&](const auto&... fields) {
      return (static_cast<std::size_t>(is_sent_as_tag(version, value, defaults, fields)) + ... + 0u);
    });
    encoder.unsigned_varint(static_cast<std::uint32_t>(known + unknown.size()));
    auto next_unknown = unknown.begin();
    const auto write = [&](const auto& field) {
      if (!is_sent_as_tag(version, value, defaults, field)) return;
      while (next_unknown != unknown.end() && next_unknown->tag < field.tag) {
        encode_unknown_tag(encoder, *next_unknown++);
      }
      Encoder counter = encoder.counter();
      encode_member(counter, value, field);
      encoder.unsigned_varint(field.tag);
      encoder.unsigned_varint(static_cast<std::uint32_t>(counter.size()));
      encode_member(encoder, value, field);
    };
    S::fields([&](const auto&... fields) { (write(fields), ...); });
    while (next_unknown != unknown.end()) encode_unknown_tag(encoder, *next_unknown++);
  }
}

template <Struct S>
void encode_struct(Encoder& encoder, const S& value) {
  S::fields([&](const auto&... fields) { (encode_field(encoder, value, fields), ...); });
  if (encoder.flexible()) encode_tags(encoder, value);
}

// ---- The entry points of codec.hpp

template <Message M>
void decode_message(Decoder& decoder, M& message) {
  decode_struct(decoder, message);
}
template <Message M>
void encode_message(Encoder& encoder, const M& message) {
  encode_struct(encoder, message);
}

}  // namespace barnabas::protocol::detail
