#include "core/protocol/messages/55_describe_quorum.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeQuorumRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeQuorumResponse)
