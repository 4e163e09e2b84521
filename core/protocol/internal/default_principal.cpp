#include "core/protocol/internal/default_principal.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(DefaultPrincipalData)
