#include "core/protocol/messages/28_txn_offset_commit.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(TxnOffsetCommitRequest)
BARNABAS_PROTOCOL_MESSAGE(TxnOffsetCommitResponse)
