#include "core/protocol/messages/81_remove_raft_voter.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(RemoveRaftVoterRequest)
BARNABAS_PROTOCOL_MESSAGE(RemoveRaftVoterResponse)
