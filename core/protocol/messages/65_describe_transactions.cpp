#include "core/protocol/messages/65_describe_transactions.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeTransactionsRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeTransactionsResponse)
