#include "core/protocol/messages/33_alter_configs.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AlterConfigsRequest)
BARNABAS_PROTOCOL_MESSAGE(AlterConfigsResponse)
