// Every API that is declared, as data: what a connection needs before it knows which message it reads.
#pragma once

#include <cstdint>
#include <span>

#include "core/protocol/api_key.hpp"
#include "core/protocol/header.hpp"

namespace barnabas::protocol {

struct ApiInfo {
  ApiKey key;
  std::int16_t min_version;
  std::int16_t max_version;
  std::int16_t flexible_since;

  bool supports(std::int16_t version) const { return min_version <= version && version <= max_version; }
  // Also for versions beyond max_version, so that their correlation id can be read.
  std::int16_t request_header_version(std::int16_t version) const {
    return protocol::request_header_version(key, version, flexible_since);
  }
};

// Sorted by key. Declared is not served: the broker advertises what it has handlers for.
std::span<const ApiInfo> declared_apis();
// Null when the key is not declared.
const ApiInfo* find_api(ApiKey key);

}  // namespace barnabas::protocol
