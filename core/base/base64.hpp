// Base64 with the standard alphabet, padded (RFC 4648). Uuid has Kafka's own form, which is neither.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace barnabas {

std::string to_base64(ByteView bytes);
// Nothing when it is not a whole number of groups of the alphabet.
std::optional<Buffer> from_base64(std::string_view text);

}  // namespace barnabas
