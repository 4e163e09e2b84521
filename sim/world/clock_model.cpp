#include "sim/world/clock_model.hpp"

#include "core/base/check.hpp"

namespace barnabas::sim {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kEpochMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z at virtual time 0.
// Far beyond any run, and far from an overflow of the arithmetic here.
constexpr Duration kForever = std::chrono::hours(24 * 365 * 20);

// value * numerator / denominator, rounded down, for ratios of about one million each.
std::int64_t scaled(std::int64_t value, std::int64_t numerator, std::int64_t denominator) {
  return value / denominator * numerator + value % denominator * numerator / denominator;
}

}  // namespace

ClockModel::ClockModel(Prng draw) : draw_(draw), wall_offset_(draw_.between(-50, 50)) { reboot(Instant{}); }

Instant ClockModel::monotonic(Instant global) const {
  return base_local_ + Duration(scaled((global - base_global_).count(), kMillion + drift_, kMillion));
}

Timestamp ClockModel::wall(Instant global) const {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(global.time_since_epoch());
  return Timestamp(kEpochMs + elapsed.count() + wall_offset_);
}

Instant ClockModel::global_of(Instant local) const {
  if (local <= base_local_) return base_global_;
  if (local.time_since_epoch() >= kForever) return Instant(kForever);
  const std::int64_t wanted = (local - base_local_).count();
  Instant global = base_global_ + Duration(scaled(wanted, kMillion, kMillion + drift_));
  while (monotonic(global) < local) global += Duration(1);
  return global;
}

void ClockModel::set_drift(Instant global, std::int32_t parts_per_million) {
  B_CHECK_OP(parts_per_million, >=, -100'000);
  B_CHECK_OP(parts_per_million, <=, 100'000);
  base_local_ = monotonic(global);
  base_global_ = global;
  drift_ = parts_per_million;
}

void ClockModel::reboot(Instant global) {
  base_global_ = global;
  base_local_ = Instant(Duration(draw_.between(1'000'000'000, 1'000'000'000'000)));
}

}  // namespace barnabas::sim
