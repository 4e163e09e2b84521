// SaslHandshake (key 17), versions 0-1.
// Decides: nothing: no listener speaks SASL, so there is no mechanism to shake hands about. Kafka answers the same on
// such a listener.
// Errors: ILLEGAL_SASL_STATE.
#include "core/broker/handlers/handlers.hpp"

namespace barnabas::broker {

Task<protocol::SaslHandshakeResponse> handle_sasl_handshake(RequestContext&, protocol::SaslHandshakeRequest) {
  protocol::SaslHandshakeResponse response;
  response.error_code = protocol::ErrorCode::illegal_sasl_state;
  co_return response;
}

}  // namespace barnabas::broker
