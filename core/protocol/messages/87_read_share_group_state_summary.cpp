#include "core/protocol/messages/87_read_share_group_state_summary.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ReadShareGroupStateSummaryRequest)
BARNABAS_PROTOCOL_MESSAGE(ReadShareGroupStateSummaryResponse)
