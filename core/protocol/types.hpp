// The values that messages are made of: strings, bytes, record sets, unknown tagged fields.
//
// Decoding allocates nothing per value: a decoded String, Bytes or Records borrows from the buffer that was
// decoded, and is valid as long as that buffer. A value made by a caller owns what it holds, unless borrow()
// says otherwise. Copies of a borrowed value borrow from the same memory.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"

namespace barnabas::protocol {

// In fields of authorized operations: they were not asked for.
inline constexpr std::int32_t kAuthorizedOperationsOmitted = std::numeric_limits<std::int32_t>::min();

// A text in Kafka's UTF-8; what came from the wire is not checked to be that.
class String {
 public:
  String() = default;
  // These copy the text and own the copy.
  String(std::string_view text) { assign_owned(text); }    // NOLINT(google-explicit-constructor)
  String(const std::string& text) { assign_owned(text); }  // NOLINT(google-explicit-constructor)
  String(const char* text) { assign_owned(text); }         // NOLINT(google-explicit-constructor)
  // The caller keeps the text alive.
  static String borrow(std::string_view text) {
    String result;
    result.data_ = text.data();
    result.size_ = static_cast<std::uint32_t>(text.size());
    return result;
  }

  String(const String& other) { assign(other); }
  String& operator=(const String& other) {
    if (this != &other) {
      release();
      assign(other);
    }
    return *this;
  }
  String(String&& other) noexcept { swap(other); }
  String& operator=(String&& other) noexcept {
    swap(other);
    return *this;
  }
  ~String() { release(); }

  std::string_view view() const { return {data_, size_}; }
  std::string str() const { return std::string(view()); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The same text, owned, whatever this one is.
  String to_owned() const { return String(view()); }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)

  friend bool operator==(const String& a, const String& b) { return a.view() == b.view(); }
  template <std::convertible_to<std::string_view> Text>
    requires(!std::same_as<Text, String>)
  friend bool operator==(const String& a, const Text& b) {
    return a.view() == std::string_view(b);
  }
  friend bool operator<(const String& a, const String& b) { return a.view() < b.view(); }

 private:
  void assign_owned(std::string_view text) {
    size_ = static_cast<std::uint32_t>(text.size());
    if (text.empty()) return;
    char* copy = new char[text.size()];
    std::memcpy(copy, text.data(), text.size());
    data_ = copy;
    owned_ = true;
  }
  void assign(const String& other) {
    if (other.owned_) {
      assign_owned(other.view());
    } else {
      data_ = other.data_;
      size_ = other.size_;
    }
  }
  void release() {
    if (owned_) delete[] data_;
    data_ = nullptr;
    size_ = 0;
    owned_ = false;
  }
  void swap(String& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(owned_, other.owned_);
  }

  const char* data_ = nullptr;
  std::uint32_t size_ = 0;
  bool owned_ = false;
};

// Opaque bytes: group metadata, assignments, SASL tokens.
class Bytes {
 public:
  Bytes() = default;
  Bytes(Buffer owned) : owner_(std::move(owned)), view_(owner_.view()) {}  // NOLINT(google-explicit-constructor)
  static Bytes borrow(ByteView bytes) {
    Bytes result;
    result.view_ = bytes;
    return result;
  }
  static Bytes copy_of(ByteView bytes) { return Bytes(Buffer::copy_of(bytes)); }

  ByteView view() const { return view_; }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  // The same bytes, owned; shares the memory when this owns it already.
  Buffer to_buffer() const { return owner_.size() == view_.size() ? owner_ : Buffer::copy_of(view_); }

  friend bool operator==(const Bytes& a, const Bytes& b) { return as_text(a.view_) == as_text(b.view_); }

 private:
  Buffer owner_;
  ByteView view_;
};

// Record bytes that are not in memory: a slice of a segment file. Whoever sends a response knows which kind it
// put in and sends it without a copy through this process (env::Stream::send_file).
class ExternalRecords {
 public:
  virtual ~ExternalRecords() = default;
  virtual std::size_t size() const = 0;
};

// A record set, as it lies on the wire and in the log: zero or more batches, the last possibly cut.
class Records {
 public:
  Records() = default;
  Records(Buffer owned) : bytes_(std::move(owned)), owned_(true) {}  // NOLINT(google-explicit-constructor)
  Records(ByteView borrowed) : bytes_(Bytes::borrow(borrowed)) {}    // NOLINT(google-explicit-constructor)
  Records(std::shared_ptr<const ExternalRecords> external)           // NOLINT(google-explicit-constructor)
      : external_(std::move(external)) {}

  static Records borrow(ByteView bytes) { return Records(bytes); }

  std::size_t size() const { return external_ ? external_->size() : bytes_.size(); }
  bool empty() const { return size() == 0; }
  // The bytes; only when is_external() is false.
  ByteView view() const {
    B_CHECK(!is_external());
    return bytes_.view();
  }
  // The bytes with their owner; copies when they were borrowed. Only when is_external() is false.
  Buffer to_buffer() const {
    B_CHECK(!is_external());
    return bytes_.to_buffer();
  }
  bool is_owned() const { return owned_; }
  bool is_external() const { return external_ != nullptr; }
  const std::shared_ptr<const ExternalRecords>& external() const { return external_; }

  friend bool operator==(const Records& a, const Records& b) {
    return a.external_ == b.external_ && a.bytes_ == b.bytes_;
  }

 private:
  Bytes bytes_;
  std::shared_ptr<const ExternalRecords> external_;
  bool owned_ = false;
};

// A tagged field that this version of Barnabas does not know (KIP-482). Kept as it came, in the order it came,
// and written again by encode. Borrows.
struct UnknownTag {
  std::uint32_t tag = 0;
  ByteView data;

  friend bool operator==(const UnknownTag& a, const UnknownTag& b) {
    return a.tag == b.tag && as_text(a.data) == as_text(b.data);
  }
};
using UnknownTags = std::vector<UnknownTag>;

// A piece of an encoded message: memory, or record bytes that are elsewhere.
using Fragment = std::variant<Buffer, std::shared_ptr<const ExternalRecords>>;

}  // namespace barnabas::protocol
