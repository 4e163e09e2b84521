#include "tools/barnabas/sim/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace barnabas::tools {
namespace {

constexpr std::size_t kOutputKept = 16 * 1024;

[[noreturn]] void become(const std::vector<std::string>& arguments, int output_fd, bool perturb) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output_fd, STDOUT_FILENO);
  ::dup2(output_fd, STDERR_FILENO);
  ::setenv("MALLOC_PERTURB_", perturb ? "165" : "0", 1);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv("/proc/self/exe", argv.data());
  ::_exit(127);
}

std::string last_line_of(const std::string& output) {
  const std::string text = output.substr(0, output.find_last_not_of('\n') + 1);
  return text.substr(text.rfind('\n') + 1);  // npos + 1 is 0.
}

}  // namespace

Children::~Children() {
  for (Child& child : running_) {
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    ::close(child.output_fd);
  }
}

bool Children::start(const std::vector<std::string>& arguments, std::size_t tag, bool perturb) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return false;
  const pid_t pid = ::fork();
  if (pid == 0) become(arguments, pipe[1], perturb);
  ::close(pipe[1]);
  if (pid < 0) {
    ::close(pipe[0]);
    return false;
  }
  ::fcntl(pipe[0], F_SETFL, O_NONBLOCK);
  running_.push_back({tag, pid, pipe[0], std::chrono::steady_clock::now() + limit_, {}, false});
  return true;
}

// True when the child has closed its side.
bool Children::drain(Child& child) {
  std::array<char, 4096> piece;
  while (true) {
    const ssize_t size = ::read(child.output_fd, piece.data(), piece.size());
    if (size == 0) return true;
    if (size < 0) return errno != EAGAIN && errno != EINTR;
    std::string& output = child.end.output;
    output.append(piece.data(), static_cast<std::size_t>(size));
    if (output.size() > 2 * kOutputKept) output.erase(0, output.size() - kOutputKept);
  }
}

std::optional<std::pair<std::size_t, ChildEnd>> Children::wait(std::chrono::milliseconds patience) {
  std::vector<pollfd> descriptors;
  for (const Child& child : running_) descriptors.push_back({child.output_fd, POLLIN, 0});
  ::poll(descriptors.data(), descriptors.size(), static_cast<int>(patience.count()));
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Child& child = running_[i];
    if (now >= child.deadline && !child.killed) {
      ::kill(child.pid, SIGKILL);
      child.killed = true;
      child.end.output += "\nkilled after " + std::to_string(limit_.count()) + " s of wall time\n";
    }
    if (!drain(child)) continue;
    int status = 0;
    while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    ::close(child.output_fd);
    ChildEnd end = std::move(child.end);
    if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
    end.last_line = last_line_of(end.output);
    const std::size_t tag = child.tag;
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    return std::pair(tag, std::move(end));
  }
  return std::nullopt;
}

}  // namespace barnabas::tools
