#include "core/protocol/messages/78_share_fetch.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ShareFetchRequest)
BARNABAS_PROTOCOL_MESSAGE(ShareFetchResponse)
