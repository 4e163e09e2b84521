#include "core/protocol/messages/01_fetch.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(FetchRequest)
BARNABAS_PROTOCOL_MESSAGE(FetchResponse)
