#include "core/protocol/messages/86_delete_share_group_state.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DeleteShareGroupStateRequest)
BARNABAS_PROTOCOL_MESSAGE(DeleteShareGroupStateResponse)
