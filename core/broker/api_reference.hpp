// docs/protocol.md: what of Kafka's protocol the codec knows, and what this broker serves.
#pragma once

#include <string>

namespace barnabas::broker {

// From the declared messages (protocol/registry.hpp) and the table of served APIs (api_table.hpp).
std::string protocol_reference_markdown();

}  // namespace barnabas::broker
