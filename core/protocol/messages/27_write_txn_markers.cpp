#include "core/protocol/messages/27_write_txn_markers.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(WriteTxnMarkersRequest)
BARNABAS_PROTOCOL_MESSAGE(WriteTxnMarkersResponse)
