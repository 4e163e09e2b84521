#include "core/protocol/messages/08_offset_commit.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(OffsetCommitRequest)
BARNABAS_PROTOCOL_MESSAGE(OffsetCommitResponse)
