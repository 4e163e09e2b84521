#include "core/protocol/internal/control_record.hpp"

#include "core/protocol/detail/message_impl.hpp"

BARNABAS_PROTOCOL_MESSAGE(LeaderChangeMessage)
BARNABAS_PROTOCOL_MESSAGE(SnapshotHeaderRecord)
BARNABAS_PROTOCOL_MESSAGE(SnapshotFooterRecord)
BARNABAS_PROTOCOL_MESSAGE(KRaftVersionRecord)
BARNABAS_PROTOCOL_MESSAGE(VotersRecord)
