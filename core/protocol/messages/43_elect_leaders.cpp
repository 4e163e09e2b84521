#include "core/protocol/messages/43_elect_leaders.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ElectLeadersRequest)
BARNABAS_PROTOCOL_MESSAGE(ElectLeadersResponse)
