#include "core/protocol/messages/71_get_telemetry_subscriptions.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(GetTelemetrySubscriptionsRequest)
BARNABAS_PROTOCOL_MESSAGE(GetTelemetrySubscriptionsResponse)
