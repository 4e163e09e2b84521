#include "core/protocol/messages/12_heartbeat.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(HeartbeatRequest)
BARNABAS_PROTOCOL_MESSAGE(HeartbeatResponse)
