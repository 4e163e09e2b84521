#include "core/protocol/detail/decoder.hpp"

#include <limits>

namespace barnabas::protocol::detail {

Uuid Decoder::uuid() {
  Uuid value;
  const ByteView bytes = in_.bytes(static_cast<std::int64_t>(value.bytes.size()));
  if (!bytes.empty()) std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
  return value;
}

std::optional<String> Decoder::string(bool compact) {
  const std::int32_t size = string_length(compact);
  if (size < 0 || !in_.ok()) return std::nullopt;
  if (size > std::numeric_limits<std::int16_t>::max()) {
    set_corrupt("a string longer than 32767 bytes");
    return std::nullopt;
  }
  return String::borrow(as_text(in_.bytes(size)));
}

std::optional<ByteView> Decoder::bytes(bool compact) {
  const std::int32_t size = length(compact);
  if (size < 0 || !in_.ok()) return std::nullopt;
  return in_.bytes(size);
}

Error Decoder::error() const {
  const std::string version = " (version " + std::to_string(version_) + ")";
  if (reason_ != nullptr) return {Errc::corrupt, path_ + ": " + reason_ + version};
  return {Errc::truncated, path_ + ": the message ends too early" + version};
}

}  // namespace barnabas::protocol::detail
