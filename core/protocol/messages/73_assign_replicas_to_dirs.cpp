#include "core/protocol/messages/73_assign_replicas_to_dirs.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AssignReplicasToDirsRequest)
BARNABAS_PROTOCOL_MESSAGE(AssignReplicasToDirsResponse)
