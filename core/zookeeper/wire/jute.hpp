// Jute, ZooKeeper's serialization: big-endian integers, and strings, buffers and vectors with an int32 count in front,
// where -1 is null.
//
// A record declares its fields once, as a tuple of member pointers in kFields; put() and take() go through it in both
// directions. Input is never trusted: what a length or count says is checked against what is there before anything is
// allocated. A null string is read as "", a null vector as empty; only buffers keep null and empty apart.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "core/base/reader.hpp"
#include "core/base/result.hpp"
#include "core/base/writer.hpp"
#include "core/zookeeper/types.hpp"

namespace barnabas::zookeeper::wire {

inline void put(Writer& out, bool value) { out.i8(value ? 1 : 0); }
inline void put(Writer& out, std::int32_t value) { out.i32(value); }
inline void put(Writer& out, std::int64_t value) { out.i64(value); }
inline void put(Writer& out, std::string_view text) {
  out.i32(static_cast<std::int32_t>(text.size()));
  out.bytes(as_bytes(text));
}
inline void put(Writer& out, const std::string& text) { put(out, std::string_view(text)); }
void put(Writer& out, const Data& data);

inline void take(Reader& in, bool& value) { value = in.i8() != 0; }
inline void take(Reader& in, std::int32_t& value) { value = in.i32(); }
inline void take(Reader& in, std::int64_t& value) { value = in.i64(); }
void take(Reader& in, std::string& text);
// Copied out of the input.
void take(Reader& in, Data& data);

template <class E>
  requires std::is_enum_v<E>
void put(Writer& out, E value) {
  put(out, static_cast<std::underlying_type_t<E>>(value));
}
// Any number is taken; whoever reads the value must expect those that have no name.
template <class E>
  requires std::is_enum_v<E>
void take(Reader& in, E& value) {
  std::underlying_type_t<E> number{};
  take(in, number);
  value = static_cast<E>(number);
}

template <class Tag, class Rep>
void put(Writer& out, Strong<Tag, Rep> value) {
  put(out, value.value());
}
template <class Tag, class Rep>
void take(Reader& in, Strong<Tag, Rep>& value) {
  Rep number{};
  take(in, number);
  value = Strong<Tag, Rep>(number);
}

// What has its own order of fields: of a record its kFields; for types without wire knowledge specialise this.
template <class T>
struct Fields {};
template <class T>
  requires requires { T::kFields; }
struct Fields<T> {
  static constexpr auto value = T::kFields;
};
template <>
struct Fields<Stat> {
  static constexpr auto value =
      std::tuple(&Stat::czxid, &Stat::mzxid, &Stat::ctime, &Stat::mtime, &Stat::version, &Stat::cversion,
                 &Stat::aversion, &Stat::ephemeral_owner, &Stat::data_length, &Stat::num_children, &Stat::pzxid);
};
template <>
struct Fields<Acl> {
  static constexpr auto value = std::tuple(&Acl::perms, &Acl::scheme, &Acl::id);
};

template <class T>
concept Record = requires { Fields<T>::value; };

template <Record T>
void put(Writer& out, const T& record);
template <Record T>
void take(Reader& in, T& record);

template <class T>
void put(Writer& out, const std::vector<T>& items) {
  out.i32(static_cast<std::int32_t>(items.size()));
  for (const T& item : items) put(out, item);
}
template <class T>
void take(Reader& in, std::vector<T>& items) {
  items.clear();
  const std::int32_t count = in.i32();
  if (count < -1) in.set_failed();
  // The count is not trusted for an allocation: the loop ends with the bytes, of which every item has some.
  for (std::int32_t i = 0; i < count && in.ok(); ++i) take(in, items.emplace_back());
  if (!in.ok()) items.clear();
}

template <Record T>
void put(Writer& out, const T& record) {
  std::apply([&](auto... field) { (put(out, record.*field), ...); }, Fields<T>::value);
}
template <Record T>
void take(Reader& in, T& record) {
  std::apply([&](auto... field) { (take(in, record.*field), ...); }, Fields<T>::value);
}

// A whole record from the front of the input; what follows it stays unread. invalid_argument when it is not there.
template <class T>
Result<T> take_record(Reader& in) {
  T record;
  take(in, record);
  if (!in.ok()) return fail(Errc::invalid_argument, "the bytes are no whole ZooKeeper record");
  return record;
}

// A frame: the length, then each record in order.
template <class... Records>
std::vector<std::byte> frame_of(const Records&... records) {
  Writer out;
  out.i32(0);
  (put(out, records), ...);
  out.put(0, static_cast<std::int32_t>(out.size() - sizeof(std::int32_t)));
  return std::move(out).take();
}

}  // namespace barnabas::zookeeper::wire
