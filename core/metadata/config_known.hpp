// Keys of Kafka 3.9 that are known, so that a server.properties loads and a misspelt key is told from a rare one,
// but that have no effect here yet. Setting one is logged once.
#pragma once

#include <span>

#include "core/metadata/config_key.hpp"

namespace barnabas::metadata {

std::span<const KeyInfo> known_keys();

}  // namespace barnabas::metadata
