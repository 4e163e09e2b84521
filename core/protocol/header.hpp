// What precedes every message on the wire.
//
// A frame is an int32 size, a header, and a message. Requests with a flexible body have header v2, others v1
// (client id, no tags); responses v1 and v0. ApiVersions responses always have header v0, because a client that
// does not yet know the broker's versions must be able to read them (KIP-511). ControlledShutdown v0 is older than
// client ids: header v0.
#pragma once

#include <optional>

#include "core/base/result.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct RequestHeader {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  ApiKey api_key{};
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<String> client_id;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("requestApiKey", &RequestHeader::api_key),
                field("requestApiVersion", &RequestHeader::api_version),
                field("correlationId", &RequestHeader::correlation_id),
                field("clientId", &RequestHeader::client_id, since(1)).nullable().not_compact());
  }
};

struct ResponseHeader {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;

  std::int32_t correlation_id = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("correlationId", &ResponseHeader::correlation_id)); }
};

// The header version of a request whose body is flexible from that version on.
constexpr std::int16_t request_header_version(ApiKey key, std::int16_t version, std::int16_t flexible_since) {
  if (key == ApiKey::controlled_shutdown && version == 0) return 0;
  return version >= flexible_since ? 2 : 1;
}
template <class M>
constexpr std::int16_t request_header_version(std::int16_t version) {
  return request_header_version(M::kApiKey, version, M::kFlexibleSince);
}
template <class M>
constexpr std::int16_t response_header_version(std::int16_t version) {
  return M::kApiKey != ApiKey::api_versions && version >= M::kFlexibleSince ? 1 : 0;
}

struct ParsedRequest {
  RequestHeader header;  // Borrows from the frame.
  ByteView body;
};
// Splits a frame (without its size) into header and body. unsupported: an API that is not declared here (see
// registry.hpp), whose header version is therefore unknown; the message names key and version. The version may
// be one that is not declared: the caller looks, because ApiVersions has an answer for that.
Result<ParsedRequest> parse_request(ByteView frame);

}  // namespace barnabas::protocol
