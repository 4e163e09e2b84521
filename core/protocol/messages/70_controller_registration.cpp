#include "core/protocol/messages/70_controller_registration.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(ControllerRegistrationRequest)
BARNABAS_PROTOCOL_MESSAGE(ControllerRegistrationResponse)
