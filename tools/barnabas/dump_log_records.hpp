// The batches and records of a segment, for dump-log.
#pragma once

#include "core/base/result.hpp"
#include "tools/barnabas/dump_log_output.hpp"

namespace barnabas::tools {

// How the keys and values of a topic are read.
enum class RecordContent : std::uint8_t { bytes, group_offsets, transactions };

// Prints a .log file. headers_only: batches without their records. Errors: not_found, permission_denied, io_error.
Result<void> dump_records(const std::string& path, RecordContent content, bool headers_only, DumpOutput& out);

}  // namespace barnabas::tools
