#include "core/protocol/messages/44_incremental_alter_configs.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(IncrementalAlterConfigsRequest)
BARNABAS_PROTOCOL_MESSAGE(IncrementalAlterConfigsResponse)
