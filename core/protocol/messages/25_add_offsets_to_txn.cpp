#include "core/protocol/messages/25_add_offsets_to_txn.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AddOffsetsToTxnRequest)
BARNABAS_PROTOCOL_MESSAGE(AddOffsetsToTxnResponse)
