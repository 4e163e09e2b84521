#include "core/protocol/messages/69_consumer_group_describe.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ConsumerGroupDescribeRequest)
BARNABAS_PROTOCOL_MESSAGE(ConsumerGroupDescribeResponse)
