#include "tools/barnabas/sim/explore.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <tuple>

#include "tools/barnabas/exit_code.hpp"
#include "tools/barnabas/sim/child.hpp"
#include "tools/barnabas/sim/result_line.hpp"

namespace barnabas::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kRunLimit{600};
constexpr std::chrono::milliseconds kPatience{200};
constexpr std::size_t kFailuresShown = 50;

// One seed of one scenario, and what its runs said.
struct Case {
  std::string file;
  std::uint64_t seed = 0;
  bool twice = false;
  std::optional<ChildEnd> first;
  std::optional<ChildEnd> second;
};

class Exploration {
 public:
  explicit Exploration(const ExploreOptions& options);

  int run();

 private:
  std::vector<std::string> arguments_of(const Case& one) const;
  std::string replay_of(const Case& one, int exit_code) const;
  bool start_next();
  void take(std::size_t tag, ChildEnd end);
  void judge(const Case& one);
  void report(const Case& one, int exit_code, const std::string& what);
  void show_progress(bool last);
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  const ExploreOptions& options_;
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point next_progress_ = begin_;
  std::uint64_t total_ = 0;  // Runs, the second ones among them.
  std::uint64_t done_ = 0;
  std::vector<std::pair<std::string, std::uint64_t>> cases_;  // File and seed.
  std::size_t case_count_ = 0;                                // Of those, how many were started.
  bool second_is_due_ = false;
  std::map<std::size_t, Case> open_;  // By the number of the case.
  std::size_t failures_ = 0;
  std::map<std::pair<std::string, std::uint64_t>, int> exit_codes_;
  Children children_{kRunLimit};
};

Exploration::Exploration(const ExploreOptions& options) : options_(options) {
  for (std::size_t i = 0; i < options.files.size(); ++i) {
    for (const std::uint64_t seed : options.extra_seeds[i]) {
      if (seed < options.first_seed || seed > options.last_seed) cases_.emplace_back(options.files[i], seed);
    }
    for (std::uint64_t n = 0; n <= options.last_seed - options.first_seed; ++n) {
      cases_.emplace_back(options.files[i], options.first_seed + n);
    }
  }
  total_ = cases_.size() + (options.twice == 0 ? 0 : (cases_.size() + options.twice - 1) / options.twice);
}

std::vector<std::string> Exploration::arguments_of(const Case& one) const {
  std::vector<std::string> arguments = options_.command;
  for (const std::string& word : {std::string("run"), one.file, std::string("--seed"), std::to_string(one.seed)}) {
    arguments.push_back(word);
  }
  for (const std::string& assignment : options_.assignments) {
    arguments.push_back("--set");
    arguments.push_back(assignment);
  }
  return arguments;
}

std::string Exploration::replay_of(const Case& one, int exit_code) const {
  std::vector<std::string> words = arguments_of(one);
  if (exit_code == kNondeterminism) {
    const auto verb = words.begin() + static_cast<std::ptrdiff_t>(options_.command.size());
    const std::string seed = std::to_string(one.seed);
    *verb = "explore";
    verb[2] = "--seeds";
    verb[3] = seed + ".." + seed;
    words.insert(words.end(), {"--twice", "1"});
  }
  std::string line;
  for (const std::string& word : words) {
    const bool plain = word.find_first_of(" '\"$\\*?()&;<>|") == std::string::npos;
    line += (line.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
  }
  return line;
}

// False when there is nothing left to start, or nothing could be.
bool Exploration::start_next() {
  if (second_is_due_) {
    const std::size_t number = case_count_ - 1;
    if (!children_.start(arguments_of(open_.at(number)), number, true)) return false;
    second_is_due_ = false;
    return true;
  }
  if (case_count_ == cases_.size()) return false;
  Case one;
  std::tie(one.file, one.seed) = cases_[case_count_];
  one.twice = options_.twice != 0 && case_count_ % options_.twice == 0;
  if (!children_.start(arguments_of(one), case_count_, false)) return false;
  second_is_due_ = one.twice;
  open_.emplace(case_count_++, std::move(one));
  return true;
}

void Exploration::take(std::size_t tag, ChildEnd end) {
  ++done_;
  Case& one = open_.at(tag);
  (one.first ? one.second : one.first) = std::move(end);
  if (one.twice && !one.second) return;
  judge(one);
  open_.erase(tag);
}

void Exploration::judge(const Case& one) {
  const ChildEnd& first = *one.first;
  const std::optional<sim::Outcome> result = result_of(first.last_line);
  if (!result) {
    // Killed, or it never came so far: a usage error stays one.
    const int code = first.exit_code == kUsage ? kUsage : kCrash;
    report(one, code, (code == kUsage ? "" : "result=crash, and no result line. Its last words:\n") + first.output);
  } else if (*result != sim::Outcome::ok || first.exit_code != kOk) {
    report(one, exit_code_of(*result), first.output);
  }
  if (one.second && without_wall_time(first.last_line) != without_wall_time(one.second->last_line)) {
    report(one, kNondeterminism,
           "result=nondeterminism: two runs of this seed differ\n" + first.last_line + "\n" + one.second->last_line);
  }
}

void Exploration::report(const Case& one, int exit_code, const std::string& what) {
  exit_codes_.try_emplace({one.file, one.seed}, exit_code);
  if (++failures_ > kFailuresShown) return;
  if (terminal_) std::fputs("\r\033[K", stderr);
  std::printf("failed: %s seed=%llu\n", one.file.c_str(), static_cast<unsigned long long>(one.seed));
  std::string indented = "  ";
  for (const char c : what.substr(0, what.find_last_not_of('\n') + 1)) {
    indented += c;
    if (c == '\n') indented += "  ";
  }
  std::printf("%s\n  replay: %s\n", indented.c_str(), replay_of(one, exit_code).c_str());
  std::fflush(stdout);
}

void Exploration::show_progress(bool last) {
  if (!last && Clock::now() < next_progress_) return;
  next_progress_ = Clock::now() + (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(10));
  std::fprintf(stderr, "%s%llu of %llu runs, %zu failed, %.0f s%s", terminal_ ? "\r\033[K" : "",
               static_cast<unsigned long long>(done_), static_cast<unsigned long long>(total_), failures_, elapsed(),
               terminal_ && !last ? "" : "\n");
}

int Exploration::run() {
  bool more = true;
  while (more || children_.running() > 0) {
    while (more && children_.running() < options_.jobs) {
      more = start_next();
    }
    if (children_.running() == 0) break;
    if (auto ended = children_.wait(kPatience)) take(ended->first, std::move(ended->second));
    show_progress(false);
    more = second_is_due_ || case_count_ < cases_.size();
  }
  show_progress(true);
  if (failures_ > kFailuresShown) std::printf("and %zu more\n", failures_ - kFailuresShown);
  std::printf("scenarios=%zu seeds=%zu runs=%llu failed=%zu wall_s=%.1f\n", options_.files.size(), cases_.size(),
              static_cast<unsigned long long>(done_), exit_codes_.size(), elapsed());
  if (done_ != total_) {
    std::fprintf(stderr, "could not start a process for every run\n");
    return kFailed;
  }
  return exit_codes_.empty() ? kOk : exit_codes_.begin()->second;
}

}  // namespace

int explore(const ExploreOptions& options) { return Exploration(options).run(); }

}  // namespace barnabas::tools
