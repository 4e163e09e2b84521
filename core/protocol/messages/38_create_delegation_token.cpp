#include "core/protocol/messages/38_create_delegation_token.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(CreateDelegationTokenRequest)
BARNABAS_PROTOCOL_MESSAGE(CreateDelegationTokenResponse)
