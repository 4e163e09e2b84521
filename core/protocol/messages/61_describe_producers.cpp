#include "core/protocol/messages/61_describe_producers.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeProducersRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeProducersResponse)
