// Which mutant is on in this program, and what became of it.
#pragma once

#include <string>

namespace barnabas {

// The only mutant that is on from now on; empty: none. When its place is first reached, and when it first makes a
// difference there, a line on stderr says so at once, so that it is known of a run that crashes, too.
void switch_mutant_on(std::string name);

}  // namespace barnabas
