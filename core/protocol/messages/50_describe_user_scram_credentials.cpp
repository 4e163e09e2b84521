#include "core/protocol/messages/50_describe_user_scram_credentials.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DescribeUserScramCredentialsRequest)
BARNABAS_PROTOCOL_MESSAGE(DescribeUserScramCredentialsResponse)
