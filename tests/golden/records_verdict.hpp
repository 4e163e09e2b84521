// What a broker says to a damaged record set that a client produces.
#pragma once

#include "tests/golden/report.hpp"

namespace barnabas::golden {

// The verdict of the produce checks against Kafka's, without and with the rules of Produce v3 on.
void compare_produce_verdicts(Line& line);

}  // namespace barnabas::golden
