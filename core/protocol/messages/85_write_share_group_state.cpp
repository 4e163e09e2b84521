#include "core/protocol/messages/85_write_share_group_state.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(WriteShareGroupStateRequest)
BARNABAS_PROTOCOL_MESSAGE(WriteShareGroupStateResponse)
