#include "core/protocol/messages/02_list_offsets.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ListOffsetsRequest)
BARNABAS_PROTOCOL_MESSAGE(ListOffsetsResponse)
