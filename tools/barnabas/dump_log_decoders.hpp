// Keys and values of records as people read them: text, the committed offsets and groups of __consumer_offsets, the
// transactions of __transaction_state, and the markers of control batches.
#pragma once

#include "core/record/record_reader.hpp"
#include "tools/barnabas/dump_log_output.hpp"
#include "tools/barnabas/dump_log_records.hpp"

namespace barnabas::tools {

struct DecodedRecord {
  std::string text;  // To be put behind the line of the record; begins with a space, or is empty.
  Json fields;       // To be added to its object.
};

DecodedRecord decode_record(const record::BatchHeader& header, const record::RecordView& record, RecordContent content);

}  // namespace barnabas::tools
