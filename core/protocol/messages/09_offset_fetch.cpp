#include "core/protocol/messages/09_offset_fetch.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(OffsetFetchRequest)
BARNABAS_PROTOCOL_MESSAGE(OffsetFetchResponse)
