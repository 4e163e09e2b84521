#include "core/protocol/messages/80_add_raft_voter.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AddRaftVoterRequest)
BARNABAS_PROTOCOL_MESSAGE(AddRaftVoterResponse)
