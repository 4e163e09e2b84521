#include "core/protocol/messages/46_list_partition_reassignments.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ListPartitionReassignmentsRequest)
BARNABAS_PROTOCOL_MESSAGE(ListPartitionReassignmentsResponse)
