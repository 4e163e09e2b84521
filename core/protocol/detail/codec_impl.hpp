// The templates that read and write a declared message. Included only by the .cpp files that instantiate them
// (message_impl.hpp).
#pragma once

#include <algorithm>
#include <span>
#include <utility>

#include "core/protocol/codec.hpp"
#include "core/protocol/detail/traits.hpp"

namespace barnabas::protocol::detail {

template <Struct S, std::size_t I>
using MemberType = std::remove_cvref_t<decltype(std::declval<S>().*kField<S, I>.member)>;

// A field of every version asks nothing at run time.
template <Struct S, std::size_t I>
constexpr bool is_present(std::int16_t version) {
  constexpr Versions kIn = kField<S, I>.versions;
  return (kIn.first <= 0 || kIn.first <= version) && (kIn.last == kAllVersions.last || version <= kIn.last);
}
// In this version the field stands among the others, not in the tagged section.
template <Struct S, std::size_t I>
constexpr bool is_plain(std::int16_t version) {
  constexpr Versions kTagged = kField<S, I>.tag_versions;
  return is_present<S, I>(version) && (is_empty(kTagged) || !kTagged.contains(version));
}
template <Struct S, std::size_t I>
constexpr bool is_tagged(std::int16_t version) {
  constexpr auto kIt = kField<S, I>;
  return kIt.tag_versions.contains(version) && kIt.versions.contains(version);
}

// Always of the same width, and never null.
template <class T>
inline constexpr bool kIsFixed = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Uuid>;
template <class T>
inline constexpr std::size_t kWidth = std::is_same_v<T, Uuid> ? 16 : sizeof(T);

// ---- Decoding

// The fewest bytes that a T takes: bounds an array's length before anything is allocated for it.
template <class T>
std::size_t minimum_size(std::int16_t version, bool flexible) {
  if constexpr (kIsFixed<T>) {
    return kWidth<T>;
  } else if constexpr (std::is_same_v<T, String> || std::is_same_v<T, std::optional<String>>) {
    return flexible ? 1 : 2;
  } else if constexpr (Struct<T>) {
    std::size_t size = flexible ? 1 : 0;
    for_each_field<T>([&]<std::size_t I>() {
      if (is_plain<T, I>(version)) size += minimum_size<MemberType<T, I>>(version, flexible);
    });
    return size;
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
  if (!decoder.take_memory(count * sizeof(T))) return;
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

template <Struct S, std::size_t I>
void decode_member(Decoder& decoder, S& value) {
  constexpr auto kIt = kField<S, I>;
  using T = MemberType<S, I>;
  T& member = value.*kIt.member;
  const bool compact = decoder.flexible() && !kIt.never_compact;
  if constexpr (kIsOptional<T>) {
    if (kIt.null_versions.contains(decoder.version())) {
      decode_nullable(decoder, member, compact, kIt.tag_versions.contains(decoder.version()));
    } else {
      decode_value(decoder, fill(member), compact);
    }
  } else {
    decode_value(decoder, member, compact);
  }
  if (!decoder.ok()) [[unlikely]]
    decoder.add_failed_field(kIt.name);
}

// True when the tag is this field's. Like Kafka, trusts the field's own length and not the tag's size.
template <Struct S, std::size_t I>
bool decode_if_tagged(Decoder& decoder, S& value, std::uint32_t tag) {
  if constexpr (is_empty(kField<S, I>.tag_versions)) {
    return false;
  } else {
    if (kField<S, I>.tag != tag || !is_tagged<S, I>(decoder.version())) return false;
    decode_member<S, I>(decoder, value);
    return true;
  }
}

template <Struct S>
void decode_tags(Decoder& decoder, S& value) {
  const auto count = static_cast<std::int32_t>(decoder.unsigned_varint());
  for (std::int32_t i = 0; i < count && decoder.ok(); ++i) {
    const std::uint32_t tag = decoder.unsigned_varint();
    const std::uint32_t size = decoder.unsigned_varint();
    if (!decoder.ok()) return;
    bool known = false;
    for_each_field<S>([&]<std::size_t I>() { known = known || decode_if_tagged<S, I>(decoder, value, tag); });
    if (known) continue;
    const ByteView data = decoder.raw(size);
    if constexpr (KeepsTags<S>) {
      // Twice, as the array grows by doubling.
      if (decoder.ok() && decoder.take_memory(2 * sizeof(UnknownTag))) value.unknown_tags.push_back({tag, data});
    }
  }
}

template <Struct S>
void decode_struct(Decoder& decoder, S& value) {
  for_each_field<S>([&]<std::size_t I>() {
    if (is_plain<S, I>(decoder.version()) && decoder.ok()) decode_member<S, I>(decoder, value);
  });
  if (decoder.flexible() && decoder.ok()) decode_tags(decoder, value);
}

// ---- Encoding

template <Struct S>
void encode_struct(Encoder& encoder, const S& value);

template <class T>
void encode_value(Encoder& encoder, const T& value, bool compact);

template <class T>
void store_fixed(std::byte* to, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    store_big_endian(to, static_cast<std::int8_t>(value ? 1 : 0));
  } else if constexpr (std::is_integral_v<T>) {
    store_big_endian(to, value);
  } else if constexpr (std::is_enum_v<T>) {
    store_big_endian(to, std::to_underlying(value));
  } else if constexpr (std::is_same_v<T, double>) {
    store_big_endian(to, std::bit_cast<std::int64_t>(value));
  } else {
    std::memcpy(to, value.bytes.data(), kWidth<T>);
  }
}

template <class T>
void encode_elements(Encoder& encoder, const std::vector<T>& values, bool compact) {
  if constexpr (kIsFixed<T>) {
    std::byte* to = encoder.advance(values.size() * kWidth<T>);
    if (to == nullptr) return;
    for (const T value : values) store_fixed(std::exchange(to, to + kWidth<T>), value);
  } else {
    for (const T& value : values) encode_value(encoder, value, compact);
  }
}

template <class T>
void encode_value(Encoder& encoder, const T& value, bool compact) {
  if constexpr (kIsFixed<T>) {
    if (std::byte* to = encoder.advance(kWidth<T>)) store_fixed(to, value);
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
    encode_elements(encoder, value, compact);
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

template <Struct S, std::size_t I>
void encode_member(Encoder& encoder, const S& value) {
  constexpr auto kIt = kField<S, I>;
  using T = MemberType<S, I>;
  const T& member = value.*kIt.member;
  const bool compact = encoder.flexible() && !kIt.never_compact;
  if constexpr (kIsOptional<T>) {
    using Inner = typename T::value_type;
    const bool may_be_null = kIt.null_versions.contains(encoder.version());
    if (!member.has_value() && may_be_null) {
      return encode_null<Inner>(encoder, compact, kIt.tag_versions.contains(encoder.version()));
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
template <Struct S, std::size_t I>
bool is_sent_as_tag(std::int16_t version, const S& value) {
  if constexpr (is_empty(kField<S, I>.tag_versions)) {
    return false;
  } else {
    if (!is_tagged<S, I>(version)) return false;
    static const MemberType<S, I> kDefault = S{}.*kField<S, I>.member;
    return !is_default(value.*kField<S, I>.member, kDefault);
  }
}

template <Struct S>
void encode_known_and_unknown_tags(Encoder& encoder, const S& value, std::span<const UnknownTag> unknown) {
  const std::int16_t version = encoder.version();
  std::uint32_t known = 0;
  for_each_field<S>([&]<std::size_t I>() { known += is_sent_as_tag<S, I>(version, value) ? 1U : 0U; });
  encoder.unsigned_varint(known + static_cast<std::uint32_t>(unknown.size()));
  if (known > 0) {
    for_each_field<S>([&]<std::size_t I>() {
      if (!is_sent_as_tag<S, I>(version, value)) return;
      constexpr std::uint32_t kTag = kField<S, I>.tag;
      for (; !unknown.empty() && unknown.front().tag < kTag; unknown = unknown.subspan(1)) {
        encode_unknown_tag(encoder, unknown.front());
      }
      Encoder counter = encoder.counter();
      encode_member<S, I>(counter, value);
      encoder.unsigned_varint(kTag);
      encoder.unsigned_varint(static_cast<std::uint32_t>(counter.size()));
      encode_member<S, I>(encoder, value);
    });
  }
  for (const UnknownTag& tag : unknown) encode_unknown_tag(encoder, tag);
}

// The struct's own tagged fields and the unknown ones, in the order of their tags.
template <Struct S>
void encode_tags(Encoder& encoder, const S& value) {
  std::span<const UnknownTag> unknown;
  if constexpr (KeepsTags<S>) unknown = value.unknown_tags;
  if constexpr (has_tagged_fields<S>()) {
    encode_known_and_unknown_tags(encoder, value, unknown);
  } else {
    encoder.unsigned_varint(static_cast<std::uint32_t>(unknown.size()));
    for (const UnknownTag& tag : unknown) encode_unknown_tag(encoder, tag);
  }
}

// Where the run of fixed fields ends that I is in; I itself when it is none.
template <Struct S, std::size_t I>
constexpr std::size_t end_of_run() {
  if constexpr (I < std::tuple_size_v<decltype(kFields<S>)>) {
    if constexpr (kIsFixed<MemberType<S, I>>) return end_of_run<S, I + 1>();
  }
  return I;
}

// The fields from I up to End, all fixed: room is made for them at once.
template <Struct S, std::size_t I, std::size_t End>
void encode_run(Encoder& encoder, const S& value) {
  const std::int16_t version = encoder.version();
  const auto for_each_plain = [&](auto&& f) {
    [&]<std::size_t... J>(std::index_sequence<J...>) {
      ((is_plain<S, I + J>(version) ? f(value.*kField<S, I + J>.member) : void()), ...);
    }(std::make_index_sequence<End - I>());
  };
  std::size_t size = 0;
  for_each_plain([&]<class T>(const T&) { size += kWidth<T>; });
  std::byte* to = encoder.advance(size);
  if (to == nullptr) return;
  for_each_plain([&]<class T>(const T& member) {
    store_fixed(to, member);
    to += kWidth<T>;
  });
}

template <Struct S, std::size_t I>
void encode_plain(Encoder& encoder, const S& value) {
  if constexpr (!kIsFixed<MemberType<S, I>>) {
    if (is_plain<S, I>(encoder.version())) encode_member<S, I>(encoder, value);
  } else if constexpr (I == 0) {
    encode_run<S, I, end_of_run<S, I>()>(encoder, value);
  } else if constexpr (!kIsFixed<MemberType<S, I - 1>>) {
    encode_run<S, I, end_of_run<S, I>()>(encoder, value);
  }
}

template <Struct S>
void encode_struct(Encoder& encoder, const S& value) {
  for_each_field<S>([&]<std::size_t I>() { encode_plain<S, I>(encoder, value); });
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
