#include "core/protocol/messages/37_create_partitions.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(CreatePartitionsRequest)
BARNABAS_PROTOCOL_MESSAGE(CreatePartitionsResponse)
