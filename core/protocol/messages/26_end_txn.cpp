#include "core/protocol/messages/26_end_txn.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(EndTxnRequest)
BARNABAS_PROTOCOL_MESSAGE(EndTxnResponse)
