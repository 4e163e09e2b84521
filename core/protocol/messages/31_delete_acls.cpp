#include "core/protocol/messages/31_delete_acls.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DeleteAclsRequest)
BARNABAS_PROTOCOL_MESSAGE(DeleteAclsResponse)
