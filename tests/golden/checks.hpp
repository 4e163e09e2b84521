// One check per kind of golden vector. Each takes a line, says what is wrong with it, and what it leaves out.
#pragma once

#include "tests/golden/report.hpp"

namespace barnabas::golden {

// requests*/, responses*/, internal*/, headers/: bytes to JSON and back, both ways, and the size foretold.
void check_message(Line& line);
void check_internal(Line& line);
void check_header(Line& line);
// frames*: a whole frame splits into header and body.
void check_frame(Line& line);
// malformed-requests: whether Kafka's reader takes a damaged body, what it reads, and how much it leaves.
void check_malformed(Line& line);
// captures/apiversions: what a running broker was asked and answered.
void check_capture(Line& line);
// primitives: single values.
void check_primitive(Line& line);
// hash/
void check_partitioner(Line& line);
void check_coordinator_partition(Line& line);
void check_crc(Line& line);
// assignors/: what members send and are sent, and for the range assignor what it decides.
void check_assignor(Line& line);
// records/
void check_valid_records(Line& line);
void check_corrupt_records(Line& line);
void check_append(Line& line);
void check_down_conversion(Line& line);

}  // namespace barnabas::golden
