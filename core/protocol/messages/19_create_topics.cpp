#include "core/protocol/messages/19_create_topics.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(CreateTopicsRequest)
BARNABAS_PROTOCOL_MESSAGE(CreateTopicsResponse)
