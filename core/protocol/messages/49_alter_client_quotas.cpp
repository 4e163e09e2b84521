#include "core/protocol/messages/49_alter_client_quotas.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(AlterClientQuotasRequest)
BARNABAS_PROTOCOL_MESSAGE(AlterClientQuotasResponse)
