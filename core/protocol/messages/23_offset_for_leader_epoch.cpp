#include "core/protocol/messages/23_offset_for_leader_epoch.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(OffsetForLeaderEpochRequest)
BARNABAS_PROTOCOL_MESSAGE(OffsetForLeaderEpochResponse)
