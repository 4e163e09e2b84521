#include "core/protocol/messages/51_alter_user_scram_credentials.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AlterUserScramCredentialsRequest)
BARNABAS_PROTOCOL_MESSAGE(AlterUserScramCredentialsResponse)
