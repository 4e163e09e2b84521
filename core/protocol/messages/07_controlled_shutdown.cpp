#include "core/protocol/messages/07_controlled_shutdown.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ControlledShutdownRequest)
BARNABAS_PROTOCOL_MESSAGE(ControlledShutdownResponse)
