#include "core/protocol/messages/32_describe_configs.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeConfigsRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeConfigsResponse)
