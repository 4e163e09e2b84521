#include "core/protocol/messages/54_end_quorum_epoch.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(EndQuorumEpochRequest)
BARNABAS_PROTOCOL_MESSAGE(EndQuorumEpochResponse)
