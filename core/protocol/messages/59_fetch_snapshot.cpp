#include "core/protocol/messages/59_fetch_snapshot.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(FetchSnapshotRequest)
BARNABAS_PROTOCOL_MESSAGE(FetchSnapshotResponse)
