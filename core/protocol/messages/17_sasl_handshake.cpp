#include "core/protocol/messages/17_sasl_handshake.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(SaslHandshakeRequest)
BARNABAS_PROTOCOL_MESSAGE(SaslHandshakeResponse)
