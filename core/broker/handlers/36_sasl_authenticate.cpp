// SaslAuthenticate (key 36), versions 0-2.
// Decides: nothing: no listener speaks SASL, so every connection is past the point where this may come.
// Versions: 1 session lifetime; 2 flexible.
// Errors: ILLEGAL_SASL_STATE.
#include "core/broker/handlers/handlers.hpp"

namespace barnabas::broker {

Task<protocol::SaslAuthenticateResponse> handle_sasl_authenticate(RequestContext&, protocol::SaslAuthenticateRequest) {
  protocol::SaslAuthenticateResponse response;
  response.error_code = protocol::ErrorCode::illegal_sasl_state;
  response.error_message = protocol::String("SaslAuthenticate request received after successful authentication");
  co_return response;
}

}  // namespace barnabas::broker
