// What a client is told when it cannot have what it asked for.
#pragma once

#include <expected>
#include <string>

#include "core/protocol/error_code.hpp"

namespace barnabas::protocol {

struct ApiError {
  ErrorCode code = ErrorCode::none;
  std::string message;
};
template <class T>
using ApiResult = std::expected<T, ApiError>;

}  // namespace barnabas::protocol
