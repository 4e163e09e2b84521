#include "core/protocol/messages/53_begin_quorum_epoch.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(BeginQuorumEpochRequest)
BARNABAS_PROTOCOL_MESSAGE(BeginQuorumEpochResponse)
