#include "core/protocol/frame.hpp"

namespace barnabas::protocol::detail {

Writer request_prefix(ApiKey key, std::int16_t version, std::int32_t correlation_id,
                      const std::optional<String>& client_id, std::int16_t header_version) {
  RequestHeader header;
  header.api_key = key;
  header.api_version = version;
  header.correlation_id = correlation_id;
  if (client_id) header.client_id = String::borrow(client_id->view());
  Writer out(64);
  out.zeros(4);
  encode(out, header, header_version);
  return out;
}

Writer response_prefix(std::int32_t correlation_id, std::int16_t header_version) {
  ResponseHeader header;
  header.correlation_id = correlation_id;
  Writer out(64);
  out.zeros(4);
  encode(out, header, header_version);
  return out;
}

}  // namespace barnabas::protocol::detail
