#include "core/protocol/error_code.hpp"

namespace barnabas::protocol {

std::string_view name_of(ErrorCode code) {
  switch (code) {
#define BARNABAS_CASE(name, code, kafka_name, retriable) \
  case ErrorCode::name: return #kafka_name;
    BARNABAS_KAFKA_ERROR_CODES(BARNABAS_CASE)
#undef BARNABAS_CASE
  }
  return "?";
}

bool is_retriable(ErrorCode code) {
  switch (code) {
#define BARNABAS_CASE(name, code, kafka_name, retriable) \
  case ErrorCode::name: return retriable;
    BARNABAS_KAFKA_ERROR_CODES(BARNABAS_CASE)
#undef BARNABAS_CASE
  }
  return false;
}

}  // namespace barnabas::protocol
