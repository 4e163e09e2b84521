#include "core/protocol/messages/36_sasl_authenticate.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(SaslAuthenticateRequest)
BARNABAS_PROTOCOL_MESSAGE(SaslAuthenticateResponse)
