#include "core/protocol/messages/18_api_versions.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ApiVersionsRequest)
BARNABAS_PROTOCOL_MESSAGE(ApiVersionsResponse)
