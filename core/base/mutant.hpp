// Bugs on purpose, to judge the tests by: each is one historic mistake in one place.
//
//   if (owner != own && !BARNABAS_MUTANT(node_exists_is_success)) ...
//
// It is the constant false, but for programs that are compiled with BARNABAS_MUTANTS: those switch one on after the
// other and look whether anybody notices.
#pragma once

#ifdef BARNABAS_MUTANTS

#include <string_view>

namespace barnabas {
// Defined by the program that judges.
bool mutant_is_on(std::string_view name);
}  // namespace barnabas
#define BARNABAS_MUTANT(name) (::barnabas::mutant_is_on(#name))

#else
#define BARNABAS_MUTANT(name) false
#endif
