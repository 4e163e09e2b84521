#include "core/protocol/messages/21_delete_records.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DeleteRecordsRequest)
BARNABAS_PROTOCOL_MESSAGE(DeleteRecordsResponse)
