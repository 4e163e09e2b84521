#include "core/protocol/messages/94_unregister_controller.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(UnregisterControllerRequest)
BARNABAS_PROTOCOL_MESSAGE(UnregisterControllerResponse)
