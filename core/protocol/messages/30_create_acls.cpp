#include "core/protocol/messages/30_create_acls.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(CreateAclsRequest)
BARNABAS_PROTOCOL_MESSAGE(CreateAclsResponse)
