#include "core/protocol/messages/57_update_features.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(UpdateFeaturesRequest)
BARNABAS_PROTOCOL_MESSAGE(UpdateFeaturesResponse)
