#include "core/protocol/messages/05_stop_replica.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(StopReplicaRequest)
BARNABAS_PROTOCOL_MESSAGE(StopReplicaResponse)
