#include "core/protocol/messages/66_list_transactions.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ListTransactionsRequest)
BARNABAS_PROTOCOL_MESSAGE(ListTransactionsResponse)
