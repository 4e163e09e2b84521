// Errors of core as Kafka's clients know them.
#pragma once

#include "core/base/result.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::broker {

// For errors that come out of a partition or of ZooKeeper while a request is answered. Handlers that know more
// (a topic is unknown, a group is not) say so themselves.
protocol::ErrorCode error_code_of(Errc code);

}  // namespace barnabas::broker
