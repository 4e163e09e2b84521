// check-history: what the clients of a real cluster sent and were told, judged by the simulator's checkers.
//
// The history has one JSON object a line, of these types; what is not given is as in sim/checkers/history.hpp:
//   {"type": "topic", "name", "partitions", "replication", "config"}    replication: of every partition; 0: not checked
//   {"type": "produced", "producer", "topic", "partition", "value", "state", "offset", "idempotent"}
//       each producer's in the order it sent them; state: sent, acknowledged or rejected; offset -1: not told
//   {"type": "read", "reader", "topic", "partition", "offset", "value"}
//   {"type": "committed", "group", "topic", "partition", "acknowledged", "lowest_unknown", "highest_sent"}
//       acknowledged -1 and lowest_unknown null: none
//   {"type": "final_read", ...}    as read; every partition from its start, once all had come to rest
//   {"type": "final_offset", "group", "topic", "partition", "offset"}    of OffsetFetch then; -1: none
#pragma once

#include <string>
#include <vector>

namespace barnabas::tools {

struct CheckHistoryCommand {
  std::string file;
  std::vector<std::string> logs;  // The data directories of the cluster's brokers, which have all been stopped.
};

// Prints a line for each guarantee that does not hold, and a summary. kOk, kSafety, or kUsage when something cannot be
// read.
int check_history(const CheckHistoryCommand& command);

}  // namespace barnabas::tools
