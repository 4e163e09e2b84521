#include "core/protocol/messages/88_streams_group_heartbeat.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(StreamsGroupHeartbeatRequest)
BARNABAS_PROTOCOL_MESSAGE(StreamsGroupHeartbeatResponse)
