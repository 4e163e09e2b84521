// Messages that carry their own version: an int16, then the message.
#pragma once

#include <algorithm>

#include "core/protocol/codec.hpp"

namespace barnabas::protocol {

template <Message M>
Buffer encode_versioned(const M& message, std::int16_t version) {
  Writer out(2 + encoded_size(message, version));
  out.i16(version);
  encode(out, message, version);
  return out.to_buffer();
}

// The version a value begins with. truncated when it is shorter than that.
inline Result<std::int16_t> version_of(ByteView bytes) {
  Reader in(bytes);
  const std::int16_t version = in.i16();
  if (!in.ok()) return fail(Errc::truncated, "no version");
  return version;
}

enum class NewerVersions : std::uint8_t {
  refuse,          // Errc::unsupported.
  read_as_newest,  // Later versions only append fields: Kafka reads the consumer protocol so.
};

// Borrows from bytes.
template <Message M>
Result<M> decode_versioned(ByteView bytes, NewerVersions newer = NewerVersions::refuse) {
  B_TRY(std::int16_t version, version_of(bytes));
  if (newer == NewerVersions::read_as_newest) version = std::min(version, M::kMaxVersion);
  return decode<M>(bytes.subspan(2), version);
}

}  // namespace barnabas::protocol
