#include "core/protocol/messages/24_add_partitions_to_txn.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AddPartitionsToTxnRequest)
BARNABAS_PROTOCOL_MESSAGE(AddPartitionsToTxnResponse)
