#include "core/protocol/messages/72_push_telemetry.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(PushTelemetryRequest)
BARNABAS_PROTOCOL_MESSAGE(PushTelemetryResponse)
