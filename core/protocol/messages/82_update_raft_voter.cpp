#include "core/protocol/messages/82_update_raft_voter.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(UpdateRaftVoterRequest)
BARNABAS_PROTOCOL_MESSAGE(UpdateRaftVoterResponse)
