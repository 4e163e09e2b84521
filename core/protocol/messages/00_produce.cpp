#include "core/protocol/messages/00_produce.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ProduceRequest)
BARNABAS_PROTOCOL_MESSAGE(ProduceResponse)
