// What a failed append of state records means to the client, as Kafka maps it.
#pragma once

#include "core/base/result.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::coordinator {

// Whether the batch may be in the log nevertheless (StateLog::append).
bool outcome_unknown(Errc error);

// For a write of the group itself, seen by JoinGroup and SyncGroup.
protocol::ErrorCode group_write_error(Errc error);
// For OffsetCommit.
protocol::ErrorCode commit_write_error(Errc error);

}  // namespace barnabas::coordinator
