#include "core/protocol/messages/84_read_share_group_state.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ReadShareGroupStateRequest)
BARNABAS_PROTOCOL_MESSAGE(ReadShareGroupStateResponse)
