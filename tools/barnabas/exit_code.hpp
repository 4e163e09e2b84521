// What the commands tell the shell.
#pragma once

namespace barnabas::tools {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;  // serve could not start or stop cleanly; the reason is on stderr.
inline constexpr int kUsage = 2;
// Of sim run and sim explore: what the simulator found.
inline constexpr int kSafety = 10;
inline constexpr int kLiveness = 11;
inline constexpr int kCrash = 12;
inline constexpr int kNondeterminism = 13;

}  // namespace barnabas::tools
