// The two clocks of one machine, as functions of virtual time.
//
// Both start at values that have nothing to do with each other or with other machines' clocks. The monotonic clock may
// run fast or slow by a fixed drift, never back; it starts anew at a power cut. The wall clock runs at the true
// rate, off by an offset, and may be stepped.
#pragma once

#include <cstdint>

#include "core/base/prng.hpp"
#include "core/base/time.hpp"

namespace barnabas::sim {

class ClockModel {
 public:
  explicit ClockModel(Prng draw);

  Instant monotonic(Instant global) const;
  Timestamp wall(Instant global) const;
  // The first virtual time at which monotonic() reaches the local time (or the farthest there is).
  Instant global_of(Instant local) const;

  // Parts per million, -100,000 to 100,000, from now on.
  void set_drift(Instant global, std::int32_t parts_per_million);
  void step_wall(std::chrono::milliseconds by) { wall_offset_ += by.count(); }
  void reboot(Instant global);

 private:
  Prng draw_;
  Instant base_global_{};
  Instant base_local_{};
  std::int64_t drift_ = 0;
  std::int64_t wall_offset_ = 0;
};

}  // namespace barnabas::sim
