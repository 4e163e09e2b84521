#include "core/protocol/messages/14_sync_group.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(SyncGroupRequest)
BARNABAS_PROTOCOL_MESSAGE(SyncGroupResponse)
