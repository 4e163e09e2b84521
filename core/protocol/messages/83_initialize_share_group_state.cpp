#include "core/protocol/messages/83_initialize_share_group_state.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(InitializeShareGroupStateRequest)
BARNABAS_PROTOCOL_MESSAGE(InitializeShareGroupStateResponse)
