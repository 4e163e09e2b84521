#include "core/protocol/messages/20_delete_topics.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DeleteTopicsRequest)
BARNABAS_PROTOCOL_MESSAGE(DeleteTopicsResponse)
