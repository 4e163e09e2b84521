#include "core/protocol/messages/03_metadata.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(MetadataRequest)
BARNABAS_PROTOCOL_MESSAGE(MetadataResponse)
