#include "tests/mutants/switch.hpp"

#include <unistd.h>

#include "core/base/mutant.hpp"

namespace barnabas {
namespace {

std::string switched_on;
bool reached = false;
bool differed = false;

// Without stdio: under seccomp nothing else is allowed.
void announce(const char* what) {
  const std::string line = "mutant " + switched_on + " " + what + "\n";
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void switch_mutant_on(std::string name) {
  switched_on = std::move(name);
  reached = differed = false;
}

bool mutant_is_reached(std::string_view name) {
  if (name != switched_on) return false;
  if (!reached) announce("reached");
  reached = true;
  return true;
}

void mutant_differs(std::string_view) {
  if (!differed) announce("differed");
  differed = true;
}

}  // namespace barnabas
