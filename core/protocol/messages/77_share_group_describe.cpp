#include "core/protocol/messages/77_share_group_describe.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ShareGroupDescribeRequest)
BARNABAS_PROTOCOL_MESSAGE(ShareGroupDescribeResponse)
