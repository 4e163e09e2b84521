#include "core/protocol/messages/48_describe_client_quotas.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeClientQuotasRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeClientQuotasResponse)
