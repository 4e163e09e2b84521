#include "core/protocol/messages/04_leader_and_isr.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(LeaderAndIsrRequest)
BARNABAS_PROTOCOL_MESSAGE(LeaderAndIsrResponse)
