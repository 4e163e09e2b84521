#include "tools/barnabas/sim/run.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include "sim/scenario/run.hpp"
#include "sim/world/world.hpp"
#include "tools/barnabas/exit_code.hpp"
#include "tools/barnabas/read_text.hpp"
#include "tools/barnabas/sim/result_line.hpp"
#include "tools/barnabas/sim/seccomp.hpp"

namespace barnabas::tools {
namespace {

constexpr std::size_t kTraceLinesShown = 40;

// Wall time, which goes into the result line and nowhere else. Under the filter it stays zero: where the clock is
// not mapped into the process, asking for it is a system call.
class Stopwatch {
 public:
  explicit Stopwatch(bool running) : running_(running) {
    if (running_) begin_ = std::chrono::steady_clock::now();
  }
  double seconds() const {
    if (!running_) return 0;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  bool running_;
  std::chrono::steady_clock::time_point begin_;
};

// For the signal handler, which can be given nothing: the run under way, and its world while there is one.
std::uint64_t seed_under_way = 0;
sim::World* world_under_way = nullptr;

void measure(ResultLine& line, sim::World& world) {
  line.events = world.events();
  line.virtual_s = std::chrono::duration<double>(world.elapsed()).count();
  line.hash = world.hash();
}

// Without stdio: also for signal handlers.
void write_line(const ResultLine& line) {
  std::array<char, 256> text{};
  std::size_t size = line.format(text.data(), text.size() - 1);
  text[size++] = '\n';
  (void)!::write(STDOUT_FILENO, text.data(), size);
}

extern "C" void report_crash(int) {
  ResultLine line;
  line.seed = seed_under_way;
  line.result = sim::Outcome::crash;
  if (world_under_way != nullptr) measure(line, *world_under_way);
  write_line(line);
  ::_exit(kCrash);
}

void report_crashes(std::uint64_t seed) {
  seed_under_way = seed;
  static std::array<char, 64 * 1024> stack;  // A stack overflow leaves no room on the usual one.
  stack_t other{};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  ::sigaltstack(&other, nullptr);
  struct sigaction action{};
  action.sa_handler = report_crash;
  action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGABRT, &action, nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    struct sigaction present{};
    ::sigaction(signal, nullptr, &present);
    if (present.sa_handler == SIG_DFL) ::sigaction(signal, &action, nullptr);  // A sanitizer says more.
  }
}

int complain(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  return kUsage;
}

void print_findings(const sim::RunResult& result) {
  if (!result.vector.empty()) std::printf("swarm: %s\n", result.vector.c_str());
  if (result.excused + result.unclean_elections > 0) {
    std::printf("excused=%llu unclean_elections=%llu\n", static_cast<unsigned long long>(result.excused),
                static_cast<unsigned long long>(result.unclean_elections));
  }
  for (const std::string& violation : result.violations) std::printf("%s\n", violation.c_str());
  if (result.last_lines.empty()) return;
  const std::size_t shown = std::min(result.last_lines.size(), kTraceLinesShown);
  std::fprintf(stderr, "The last %zu events (all of them: --trace FILE):\n", shown);
  for (auto line = result.last_lines.end() - static_cast<std::ptrdiff_t>(shown); line != result.last_lines.end();
       ++line) {
    std::fprintf(stderr, "  %s\n", line->c_str());
  }
}

}  // namespace

int run_scenario_file(const RunCommand& command) {
  const Result<std::string> text = read_text(command.file);
  if (!text) return complain(text.error().message);
  sim::RunOptions options;
  options.seed = command.seed;
  options.overrides = command.assignments;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> trace(nullptr, std::fclose);
  if (!command.trace_file.empty()) {
    trace.reset(std::fopen(command.trace_file.c_str(), "w"));
    if (!trace) return complain("cannot write " + command.trace_file);
    options.trace = [&trace](std::string_view line) {
      std::fwrite(line.data(), 1, line.size(), trace.get());
      std::fputc('\n', trace.get());
    };
  }
  report_crashes(command.seed);
  const Stopwatch stopwatch(!command.seccomp);
  if (command.seccomp) {
    // The buffers of stdio would ask the system what kind of files these are.
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    std::setvbuf(stderr, nullptr, _IONBF, 0);
    const std::string refused = forbid_system_calls();
    if (!refused.empty()) return complain("--seccomp: " + refused);
  }
  options.on_start = [](sim::World& world) { world_under_way = &world; };
  const Result<sim::RunResult> result = sim::run_scenario(*text, options);
  world_under_way = nullptr;
  if (!result) return complain(command.file + ": " + result.error().message);
  print_findings(*result);
  ResultLine line;
  line.seed = command.seed;
  line.result = result->result;
  line.events = result->events;
  line.virtual_s = std::chrono::duration<double>(result->virtual_time).count();
  line.wall_s = stopwatch.seconds();
  line.hash = result->hash;
  std::fflush(stdout);
  write_line(line);
  return exit_code_of(result->result);
}

}  // namespace barnabas::tools
