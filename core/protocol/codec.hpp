// Messages to bytes and back.
//
// The heavy templates behind these are instantiated once per message, in the .cpp beside its declaration.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/writer.hpp"
#include "core/protocol/detail/decoder.hpp"
#include "core/protocol/detail/encoder.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {
namespace detail {

// Defined in detail/codec_impl.hpp; instantiated by BARNABAS_PROTOCOL_MESSAGE.
template <Message M>
void decode_message(Decoder& decoder, M& message);
template <Message M>
void encode_message(Encoder& encoder, const M& message);

}  // namespace detail

// A message without its header. Strings, bytes and records borrow from body.
// truncated: body ends too early; corrupt: a length or a null that cannot be, or arrays that would take too much memory
// for the size of the body (detail/decoder.hpp); unsupported: not a version of M.
// Bytes after the message are ignored, as Kafka does; left, when given, receives their count.
template <Message M>
Result<M> decode(ByteView body, std::int16_t version, std::size_t* left = nullptr) {
  if (version < M::kMinVersion || version > M::kMaxVersion) {
    return fail(Errc::unsupported, "version " + std::to_string(version));
  }
  detail::Decoder decoder(body, version, version >= M::kFlexibleSince);
  Result<M> message(std::in_place);
  detail::decode_message(decoder, *message);
  if (!decoder.ok()) return std::unexpected(decoder.error());
  if (left != nullptr) *left = decoder.remaining();
  return message;
}

// The exact number of bytes that encode writes. Requires a version of M.
template <Message M>
std::size_t encoded_size(const M& message, std::int16_t version) {
  B_CHECK(M::kMinVersion <= version && version <= M::kMaxVersion);
  detail::Encoder counter(version, version >= M::kFlexibleSince);
  detail::encode_message(counter, message);
  return counter.size();
}

// Appends the message. Requires a version of M and no external records.
template <Message M>
void encode(Writer& out, const M& message, std::int16_t version) {
  const std::size_t size = encoded_size(message, version);
  detail::Encoder encoder(out.extend(size), version, version >= M::kFlexibleSince);
  detail::encode_message(encoder, message);
  B_CHECK_OP(encoder.size(), ==, size);
}

// prefix and the message in pieces: record sets that are external, or owned and not small, become pieces of
// their own and are not copied; everything else lies in one allocation. sized: prefix begins with four bytes of room
// for the size of all that follows them, which is written there.
template <Message M>
std::vector<Fragment> encode_fragments(ByteView prefix, const M& message, std::int16_t version, bool sized = false) {
  B_CHECK(M::kMinVersion <= version && version <= M::kMaxVersion);
  const bool flexible = version >= M::kFlexibleSince;
  detail::Splices splices;
  detail::Encoder counter(version, flexible);
  counter.splice_into(splices);
  detail::encode_message(counter, message);
  Buffer memory = detail::allocate_after(prefix, counter.size(), splices.bytes, sized);
  splices.list.reserve(splices.count);
  detail::Encoder encoder(memory.mutable_view().subspan(prefix.size()), version, flexible);
  encoder.splice_into(splices);
  detail::encode_message(encoder, message);
  B_CHECK_OP(encoder.size(), ==, counter.size());
  return detail::cut(memory, prefix.size(), splices.list);
}

// The bytes of all fragments together.
std::size_t total_size(const std::vector<Fragment>& fragments);

}  // namespace barnabas::protocol
