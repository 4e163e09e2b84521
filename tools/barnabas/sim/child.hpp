// Runs of this very program in processes of their own.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace barnabas::tools {

struct ChildEnd {
  std::string output;     // Its stdout and stderr, the last kilobytes of them.
  std::string last_line;  // Of that.
  int exit_code = -1;     // -1: it died of a signal, or had to be killed because it took too long.
};

// Up to a number of children at a time; a child dies with its parent.
class Children {
 public:
  // limit: of one child's run.
  explicit Children(std::chrono::seconds limit) : limit_(limit) {}
  ~Children();
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  std::size_t running() const { return running_.size(); }
  // tag comes back with the end. perturb: fresh and freed memory is filled with another byte than usual, so that
  // a run that depends on it differs. False when the system has no process left.
  bool start(const std::vector<std::string>& arguments, std::size_t tag, bool perturb);
  // Waits up to `patience` for one to end.
  std::optional<std::pair<std::size_t, ChildEnd>> wait(std::chrono::milliseconds patience);

 private:
  struct Child {
    std::size_t tag;
    int pid;
    int output_fd;
    std::chrono::steady_clock::time_point deadline;
    ChildEnd end;
    bool killed = false;
  };

  static bool drain(Child& child);

  std::chrono::seconds limit_;
  std::vector<Child> running_;
};

}  // namespace barnabas::tools
