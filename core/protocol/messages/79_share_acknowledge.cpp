#include "core/protocol/messages/79_share_acknowledge.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ShareAcknowledgeRequest)
BARNABAS_PROTOCOL_MESSAGE(ShareAcknowledgeResponse)
