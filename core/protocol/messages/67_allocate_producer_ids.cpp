#include "core/protocol/messages/67_allocate_producer_ids.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AllocateProducerIdsRequest)
BARNABAS_PROTOCOL_MESSAGE(AllocateProducerIdsResponse)
