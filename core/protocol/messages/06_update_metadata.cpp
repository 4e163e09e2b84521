#include "core/protocol/messages/06_update_metadata.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(UpdateMetadataRequest)
BARNABAS_PROTOCOL_MESSAGE(UpdateMetadataResponse)
