#include "core/protocol/messages/89_streams_group_describe.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(StreamsGroupDescribeRequest)
BARNABAS_PROTOCOL_MESSAGE(StreamsGroupDescribeResponse)
