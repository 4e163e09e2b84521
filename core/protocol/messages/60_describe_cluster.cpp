#include "core/protocol/messages/60_describe_cluster.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeClusterRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeClusterResponse)
