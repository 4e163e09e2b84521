#include "core/protocol/messages/58_envelope.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(EnvelopeRequest)
BARNABAS_PROTOCOL_MESSAGE(EnvelopeResponse)
