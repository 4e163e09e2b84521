#include "core/protocol/messages/64_unregister_broker.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(UnregisterBrokerRequest)
BARNABAS_PROTOCOL_MESSAGE(UnregisterBrokerResponse)
