// Whole frames: size, header, message.
#pragma once

#include <string_view>
#include <vector>

#include "core/protocol/codec.hpp"
#include "core/protocol/header.hpp"

namespace barnabas::protocol {
namespace detail {

// 4 bytes of room for the size, then the header.
Writer request_prefix(ApiKey key, std::int16_t version, std::int32_t correlation_id,
                      const std::optional<String>& client_id, std::int16_t header_version);
Writer response_prefix(std::int32_t correlation_id, std::int16_t header_version);

}  // namespace detail

template <class M>
std::vector<Fragment> encode_request_frame(const M& request, std::int16_t version, std::int32_t correlation_id,
                                           const std::optional<String>& client_id) {
  const auto header_version = request_header_version<M>(version);
  const Writer prefix = detail::request_prefix(M::kApiKey, version, correlation_id, client_id, header_version);
  return encode_fragments(prefix.view(), request, version, true);
}

template <class M>
std::vector<Fragment> encode_response_frame(const M& response, std::int16_t version, std::int32_t correlation_id) {
  const auto header_version = response_header_version<M>(version);
  const Writer prefix = detail::response_prefix(correlation_id, header_version);
  return encode_fragments(prefix.view(), response, version, true);
}

}  // namespace barnabas::protocol
