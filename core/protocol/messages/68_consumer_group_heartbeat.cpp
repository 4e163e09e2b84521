#include "core/protocol/messages/68_consumer_group_heartbeat.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ConsumerGroupHeartbeatRequest)
BARNABAS_PROTOCOL_MESSAGE(ConsumerGroupHeartbeatResponse)
