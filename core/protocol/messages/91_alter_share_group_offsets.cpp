#include "core/protocol/messages/91_alter_share_group_offsets.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AlterShareGroupOffsetsRequest)
BARNABAS_PROTOCOL_MESSAGE(AlterShareGroupOffsetsResponse)
