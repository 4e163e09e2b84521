// A whole text file, for the commands that take one.
#pragma once

#include <string>

#include "core/base/result.hpp"

namespace barnabas::tools {

// not_found, permission_denied, io_error; the message names the path and the system's reason. An empty file is one.
Result<std::string> read_text(const std::string& path);

}  // namespace barnabas::tools
