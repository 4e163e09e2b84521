#include "tools/barnabas/sim/seccomp.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace barnabas::tools {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

sock_filter statement(unsigned code, std::uint32_t value) { return {static_cast<std::uint16_t>(code), 0, 0, value}; }
sock_filter jump_if_equal(std::uint32_t value, std::uint8_t when_equal, std::uint8_t otherwise) {
  return {static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K), when_equal, otherwise, value};
}
sock_filter load(std::size_t offset) { return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }

std::vector<sock_filter> make_filter() {
  const sock_filter allow = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const sock_filter kill = statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  std::vector<sock_filter> filter{load(offsetof(seccomp_data, arch)), jump_if_equal(kArchitecture, 1, 0), kill,
                                  load(offsetof(seccomp_data, nr))};
  // Memory; the end; and what abort() needs to send the signal to itself.
  for (const long call : {SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mprotect, SYS_exit,
                          SYS_exit_group, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_getpid, SYS_gettid, SYS_tgkill}) {
    filter.push_back(jump_if_equal(static_cast<std::uint32_t>(call), 0, 1));
    filter.push_back(allow);
  }
  filter.push_back(jump_if_equal(static_cast<std::uint32_t>(SYS_write), 1, 0));
  filter.push_back(kill);
  filter.push_back(load(offsetof(seccomp_data, args)));  // The low half: little-endian.
  filter.push_back(jump_if_equal(1, 1, 0));
  filter.push_back(jump_if_equal(2, 0, 1));
  filter.push_back(allow);
  filter.push_back(kill);
  return filter;
}

}  // namespace

std::string forbid_system_calls() {
#if defined(__SANITIZE_ADDRESS__)
  return "a build with sanitizers needs system calls of its own";
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return "a build with sanitizers needs system calls of its own";
#endif
#endif
  std::vector<sock_filter> filter = make_filter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) {
    return std::string("the kernel refused the filter: ") + std::strerror(errno);
  }
  return {};
}

}  // namespace barnabas::tools
