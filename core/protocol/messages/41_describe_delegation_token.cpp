#include "core/protocol/messages/41_describe_delegation_token.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeDelegationTokenRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeDelegationTokenResponse)
