#include "core/protocol/messages/62_broker_registration.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(BrokerRegistrationRequest)
BARNABAS_PROTOCOL_MESSAGE(BrokerRegistrationResponse)
