#include "core/protocol/messages/39_renew_delegation_token.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(RenewDelegationTokenRequest)
BARNABAS_PROTOCOL_MESSAGE(RenewDelegationTokenResponse)
