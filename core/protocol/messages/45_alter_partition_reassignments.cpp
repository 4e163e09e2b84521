#include "core/protocol/messages/45_alter_partition_reassignments.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AlterPartitionReassignmentsRequest)
BARNABAS_PROTOCOL_MESSAGE(AlterPartitionReassignmentsResponse)
