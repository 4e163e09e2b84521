#include "core/protocol/messages/47_offset_delete.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(OffsetDeleteRequest)
BARNABAS_PROTOCOL_MESSAGE(OffsetDeleteResponse)
