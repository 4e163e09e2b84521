// Law 1, held by the kernel: a process that can do nothing but compute, print and end.
#pragma once

#include <string>

namespace barnabas::tools {

// From now on any system call but those for memory, for writing to the standard output and error, and for
// ending kills the process (SIGSYS). Empty on success, else why it could not be done.
std::string forbid_system_calls();

}  // namespace barnabas::tools
