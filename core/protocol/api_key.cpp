#include "core/protocol/api_key.hpp"

namespace barnabas::protocol {

std::string_view name_of(ApiKey key) {
  switch (key) {
#define BARNABAS_CASE(name, key, kafka_name) \
  case ApiKey::name: return #kafka_name;
    BARNABAS_KAFKA_API_KEYS(BARNABAS_CASE)
#undef BARNABAS_CASE
  }
  return "?";
}

}  // namespace barnabas::protocol
