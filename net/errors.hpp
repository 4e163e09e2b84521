// From errno to Errc: the one place that knows both.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace barnabas::net {

// For files and directories: "cannot <action> <path>: <the system's words>", with a remedy where one is known.
Error file_error(int error, std::string_view action, std::string_view path);

// For sockets: "<action> <address>: <the system's words>".
Error socket_error(int error, std::string_view action, std::string_view address);

}  // namespace barnabas::net
