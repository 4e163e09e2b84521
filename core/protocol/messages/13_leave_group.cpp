#include "core/protocol/messages/13_leave_group.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(LeaveGroupRequest)
BARNABAS_PROTOCOL_MESSAGE(LeaveGroupResponse)
