#include "core/protocol/messages/52_vote.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(VoteRequest)
BARNABAS_PROTOCOL_MESSAGE(VoteResponse)
