#include "core/protocol/messages/35_describe_log_dirs.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeLogDirsRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeLogDirsResponse)
