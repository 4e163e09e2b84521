#include "core/protocol/messages/74_list_config_resources.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ListConfigResourcesRequest)
BARNABAS_PROTOCOL_MESSAGE(ListConfigResourcesResponse)
