#include "core/protocol/messages/29_describe_acls.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeAclsRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeAclsResponse)
