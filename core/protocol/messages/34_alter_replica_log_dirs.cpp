#include "core/protocol/messages/34_alter_replica_log_dirs.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AlterReplicaLogDirsRequest)
BARNABAS_PROTOCOL_MESSAGE(AlterReplicaLogDirsResponse)
