#include "core/protocol/messages/10_find_coordinator.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(FindCoordinatorRequest)
BARNABAS_PROTOCOL_MESSAGE(FindCoordinatorResponse)
