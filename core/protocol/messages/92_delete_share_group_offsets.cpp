#include "core/protocol/messages/92_delete_share_group_offsets.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DeleteShareGroupOffsetsRequest)
BARNABAS_PROTOCOL_MESSAGE(DeleteShareGroupOffsetsResponse)
