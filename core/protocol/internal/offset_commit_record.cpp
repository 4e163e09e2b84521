#include "core/protocol/internal/offset_commit_record.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(OffsetCommitKey)
BARNABAS_PROTOCOL_MESSAGE(OffsetCommitValue)
