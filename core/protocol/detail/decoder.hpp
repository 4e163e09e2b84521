// Reads the primitive values of Kafka's protocol; behind codec.hpp.
#pragma once

#include <bit>
#include <optional>

#include "core/base/reader.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol::detail {

class Decoder {
 public:
  Decoder(ByteView input, std::int16_t version, bool flexible) : in_(input), version_(version), flexible_(flexible) {}

  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  bool ok() const { return in_.ok(); }
  std::size_t remaining() const { return in_.remaining(); }

  template <std::integral T>
  T integer() {
    return in_.read<T>();
  }
  double float64() { return std::bit_cast<double>(in_.read<std::int64_t>()); }
  Uuid uuid();
  std::uint32_t unsigned_varint() { return in_.unsigned_varint(); }

  // Lengths: -1 (or any negative number) is null. Java computes them in 32 bits and so do we.
  std::int32_t string_length(bool compact) { return compact ? compact_length() : in_.i16(); }
  std::int32_t length(bool compact) { return compact ? compact_length() : in_.i32(); }
  std::int32_t compact_length() { return in_.ok() ? static_cast<std::int32_t>(in_.unsigned_varint() - 1u) : 0; }

  // nullopt is null; the caller decides whether it may be.
  std::optional<String> string(bool compact);
  std::optional<ByteView> bytes(bool compact);
  ByteView raw(std::uint32_t size) { return in_.bytes(static_cast<std::int32_t>(size)); }

  // The value was there, but cannot be. Remembers the first reason.
  void set_corrupt(const char* reason) {
    if (ok()) reason_ = reason;
    in_.set_failed();
  }
  void set_null_refused() { set_corrupt("null where no null is allowed"); }
  void set_truncated() { in_.set_failed(); }
  // Called innermost first while a failed decode returns: builds "topics.partitions.index".
  void add_failed_field(const char* name) { path_.insert(0, path_.empty() ? name : std::string(name) + "."); }
  Error error() const;

 private:
  Reader in_;
  std::int16_t version_;
  bool flexible_;
  const char* reason_ = nullptr;
  std::string path_;
};

}  // namespace barnabas::protocol::detail
