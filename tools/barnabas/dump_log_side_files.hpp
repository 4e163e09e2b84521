// The files beside a segment, for dump-log: its indexes, and the producers' state.
#pragma once

#include "core/base/result.hpp"
#include "tools/barnabas/dump_log_output.hpp"

namespace barnabas::tools {

// Each prints one file. Errors: not_found, permission_denied, io_error.
Result<void> dump_offset_index(const std::string& path, DumpOutput& out);
Result<void> dump_time_index(const std::string& path, DumpOutput& out);
Result<void> dump_transaction_index(const std::string& path, DumpOutput& out);
Result<void> dump_snapshot(const std::string& path, DumpOutput& out);

}  // namespace barnabas::tools
