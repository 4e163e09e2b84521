#include "core/protocol/messages/90_describe_share_group_offsets.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeShareGroupOffsetsRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeShareGroupOffsetsResponse)
