#include "core/protocol/messages/76_share_group_heartbeat.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ShareGroupHeartbeatRequest)
BARNABAS_PROTOCOL_MESSAGE(ShareGroupHeartbeatResponse)
