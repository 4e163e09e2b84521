#include "core/protocol/messages/22_init_producer_id.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(InitProducerIdRequest)
BARNABAS_PROTOCOL_MESSAGE(InitProducerIdResponse)
