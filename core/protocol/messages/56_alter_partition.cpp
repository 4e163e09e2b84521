#include "core/protocol/messages/56_alter_partition.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AlterPartitionRequest)
BARNABAS_PROTOCOL_MESSAGE(AlterPartitionResponse)
