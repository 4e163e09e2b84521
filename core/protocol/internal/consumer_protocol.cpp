#include "core/protocol/internal/consumer_protocol.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ConsumerProtocolSubscription)
BARNABAS_PROTOCOL_MESSAGE(ConsumerProtocolAssignment)
