#include "core/protocol/messages/16_list_groups.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ListGroupsRequest)
BARNABAS_PROTOCOL_MESSAGE(ListGroupsResponse)
