#include "core/protocol/messages/40_expire_delegation_token.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ExpireDelegationTokenRequest)
BARNABAS_PROTOCOL_MESSAGE(ExpireDelegationTokenResponse)
