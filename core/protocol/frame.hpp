// Whole frames: size, header, message.
#pragma once

#include <limits>
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

template <class M>
std::vector<Fragment> finish_frame(Writer prefix, const M& message, std::int16_t version) {
  // The size has to be known before the first byte; external records are as long as they say.
  const std::size_t size = prefix.size() - 4 + encoded_size(message, version);
  B_CHECK_OP(size, <=, static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
  prefix.put(0, static_cast<std::int32_t>(size));
  return encode_fragments(prefix.view(), message, version);
}

}  // namespace detail

template <class M>
std::vector<Fragment> encode_request_frame(const M& request, std::int16_t version, std::int32_t correlation_id,
                                           const std::optional<String>& client_id) {
  const auto header_version = request_header_version<M>(version);
  return detail::finish_frame(
      detail::request_prefix(M::kApiKey, version, correlation_id, client_id, header_version), request, version);
}

template <class M>
std::vector<Fragment> encode_response_frame(const M& response, std::int16_t version, std::int32_t correlation_id) {
  const auto header_version = response_header_version<M>(version);
  return detail::finish_frame(detail::response_prefix(correlation_id, header_version), response, version);
}

}  // namespace barnabas::protocol
