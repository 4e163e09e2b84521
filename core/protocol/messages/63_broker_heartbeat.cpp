#include "core/protocol/messages/63_broker_heartbeat.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(BrokerHeartbeatRequest)
BARNABAS_PROTOCOL_MESSAGE(BrokerHeartbeatResponse)
