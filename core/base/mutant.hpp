// Bugs on purpose, to judge the tests by: each is one historic mistake in one place, in a .cpp file. tests/mutants has
// their catalogue, and tools/mutants tells which are noticed.
//
//   if (owner != own && !BARNABAS_MUTANT(node_exists_is_success)) ...
//   const Timestamp horizon = BARNABAS_MUTATE(tombstones_go_at_once, now + retention, now);
//
// The first is true when that mutant is on; it stands where it is evaluated only if that makes a difference. The second
// is the right value, or the wrong one. In every program that is not compiled with BARNABAS_MUTANTS they are the
// constant false and the right value.
#pragma once

#ifdef BARNABAS_MUTANTS

#include <string_view>

namespace barnabas {

// Defined by the program that judges. The mutant is on: its place was reached.
bool mutant_is_reached(std::string_view name);
// What happens there differs from what should.
void mutant_differs(std::string_view name);

inline bool mutant_is_on(std::string_view name) {
  const bool on = mutant_is_reached(name);
  if (on) mutant_differs(name);
  return on;
}

template <class T>
T mutated(std::string_view name, T right, T wrong) {
  if (!(right == wrong)) mutant_differs(name);
  return wrong;
}

}  // namespace barnabas
#define BARNABAS_MUTANT(name) (::barnabas::mutant_is_on(#name))
#define BARNABAS_MUTATE(name, right, wrong) \
  (::barnabas::mutant_is_reached(#name) ? ::barnabas::mutated(#name, (right), (wrong)) : (right))

#else
#define BARNABAS_MUTANT(name) false
#define BARNABAS_MUTATE(name, right, wrong) (right)
#endif
