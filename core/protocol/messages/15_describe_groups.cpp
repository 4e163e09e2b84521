#include "core/protocol/messages/15_describe_groups.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeGroupsRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeGroupsResponse)
