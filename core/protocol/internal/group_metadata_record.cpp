#include "core/protocol/internal/group_metadata_record.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(GroupMetadataKey)
BARNABAS_PROTOCOL_MESSAGE(GroupMetadataValue)
