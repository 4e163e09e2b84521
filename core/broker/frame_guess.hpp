// What something that is not a request may have been meant to be: for the one log line that tells why a
// connection was closed.
#pragma once

#include <string>

#include "core/base/bytes.hpp"

namespace barnabas::broker {

// "; it looks like an HTTP request", "; it begins with 16030100": from the first bytes that came.
std::string guess_note(ByteView first_bytes);

// The four bytes where a frame's length should be, and what is allowed instead.
std::string describe_bad_length(ByteView head, std::size_t max_frame);

}  // namespace barnabas::broker
