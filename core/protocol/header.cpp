#include "core/protocol/header.hpp"

#include "core/protocol/detail/message_impl.hpp"
#include "core/protocol/registry.hpp"

BARNABAS_PROTOCOL_MESSAGE(RequestHeader)
BARNABAS_PROTOCOL_MESSAGE(ResponseHeader)

namespace barnabas::protocol {

Result<ParsedRequest> parse_request(ByteView frame) {
  Reader start(frame);
  const auto key = static_cast<ApiKey>(start.i16());
  const std::int16_t version = start.i16();
  if (!start.ok()) return fail(Errc::truncated, "a request of " + std::to_string(frame.size()) + " bytes");
  const ApiInfo* api = find_api(key);
  if (api == nullptr || version < 0) {
    return fail(Errc::unsupported,
                "api key " + std::to_string(static_cast<int>(key)) + " version " + std::to_string(version));
  }
  std::size_t left = 0;
  auto header = decode<RequestHeader>(frame, api->request_header_version(version), &left);
  if (!header) return std::unexpected(std::move(header).error());
  return ParsedRequest{std::move(*header), frame.last(left)};
}

}  // namespace barnabas::protocol
