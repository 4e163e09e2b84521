// Reads the primitive values of Kafka's protocol; behind codec.hpp.
#pragma once

#include <algorithm>
#include <bit>
#include <optional>

#include "core/base/reader.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol::detail {

// How much memory the arrays of a message may take: so many times its bytes, but at least and at most this much. A
// topic of a few letters grows tenfold; elements of nothing but empty strings, which only a hostile peer sends, grow
// forty times.
inline constexpr std::size_t kMostGrowth = 16;
inline constexpr std::size_t kSureMemory = 64 * 1024;
inline constexpr std::size_t kMostMemory = 256 * 1024 * 1024;

class Decoder {
 public:
  Decoder(ByteView input, std::int16_t version, bool flexible)
      : in_(input),
        memory_left_(std::clamp(kMostGrowth * input.size(), kSureMemory, kMostMemory)),
        version_(version),
        flexible_(flexible) {}

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
  // Called before `bytes` of memory are allocated. False, and the decoder has failed: they are too many.
  bool take_memory(std::size_t bytes) {
    if (bytes > memory_left_) return set_corrupt("takes too much memory for its size"), false;
    memory_left_ -= bytes;
    return true;
  }
  // Called innermost first while a failed decode returns: builds "topics.partitions.index".
  void add_failed_field(const char* name) { path_.insert(0, path_.empty() ? name : std::string(name) + "."); }
  Error error() const;

 private:
  Reader in_;
  std::size_t memory_left_;
  std::int16_t version_;
  bool flexible_;
  const char* reason_ = nullptr;
  std::string path_;
};

}  // namespace barnabas::protocol::detail
