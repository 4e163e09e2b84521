#include "core/protocol/messages/11_join_group.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(JoinGroupRequest)
BARNABAS_PROTOCOL_MESSAGE(JoinGroupResponse)
