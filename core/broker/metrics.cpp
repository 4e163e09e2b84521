#include "core/broker/metrics.hpp"

#include <algorithm>
#include <bit>

namespace barnabas::broker {

std::size_t Timings::bucket_of(Duration took) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0));
  if (value < 4) return static_cast<std::size_t>(value);
  const auto power = static_cast<std::size_t>(std::bit_width(value)) - 1;  // At least 2.
  const auto quarter = static_cast<std::size_t>(value >> (power - 2)) & 3U;
  return std::min((power - 1) * 4 + quarter, kBuckets - 1);
}

double Timings::upper_milliseconds(std::size_t bucket) {
  if (bucket < 4) return static_cast<double>(bucket) / 1000.0;
  const std::size_t power = bucket / 4 + 1;
  const std::uint64_t width = std::uint64_t{1} << (power - 2);
  return static_cast<double>((4 + bucket % 4 + 1) * width - 1) / 1000.0;
}

void Timings::turn(Instant now) {
  if (now - turned_ < kWindow) return;
  past_ = now - turned_ < 2 * kWindow ? present_ : Window{};
  present_ = Window{};
  turned_ = now;
}

void Timings::record(Duration took, Instant now) {
  turn(now);
  ++count_;
  ++present_[bucket_of(took)];
}

double Timings::percentile(double share, Instant now) const {
  Timings view = *this;
  view.turn(now);
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) all += view.present_[i] + view.past_[i];
  if (all == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(all));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += view.present_[i] + view.past_[i];
    if (seen > wanted || seen == all) return upper_milliseconds(i);
  }
  return upper_milliseconds(kBuckets - 1);
}

TopicMetrics& Metrics::topic_metrics(std::string_view topic) {
  const auto found = topics_.find(topic);
  if (found != topics_.end()) return found->second;
  return topics_.size() < kMaxTopics ? topics_[std::string(topic)] : beyond_;
}

RequestMetrics& Metrics::request(protocol::ApiKey key, Kind kind) {
  std::unique_ptr<RequestMetrics>& entry = requests_[{key, kind}];
  if (!entry) entry = std::make_unique<RequestMetrics>();
  return *entry;
}

}  // namespace barnabas::broker
