#include "core/protocol/messages/42_delete_groups.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DeleteGroupsRequest)
BARNABAS_PROTOCOL_MESSAGE(DeleteGroupsResponse)
