// When which session expires, rounded up to whole intervals, so that a session that is heard of moves seldom.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "core/base/time.hpp"
#include "core/zookeeper/types.hpp"

namespace barnabas::zookeeper {

class ExpiryQueue {
 public:
  explicit ExpiryQueue(Duration interval) : interval_(interval) {}

  // The session was heard of: it expires no earlier than timeout after now, and less than an interval later.
  void touch(SessionId session, Instant now, Duration timeout) {
    const std::int64_t bucket = (now + timeout).time_since_epoch() / interval_ + 1;
    const auto [at, is_new] = bucket_of_.emplace(session, bucket);
    if (!is_new && at->second == bucket) return;
    if (!is_new) leave(at->second, session);
    at->second = bucket;
    buckets_[bucket].insert(session);
  }
  void remove(SessionId session) {
    const auto at = bucket_of_.find(session);
    if (at == bucket_of_.end()) return;
    leave(at->second, session);
    bucket_of_.erase(at);
  }

  bool empty() const { return buckets_.empty(); }
  // When take_expired() has something next. Requires !empty().
  Instant next() const { return Instant(buckets_.begin()->first * interval_); }
  // Those that have expired by now; they are in the queue no longer.
  std::vector<SessionId> take_expired(Instant now) {
    std::vector<SessionId> expired;
    while (!empty() && next() <= now) {
      for (const SessionId session : buckets_.begin()->second) {
        expired.push_back(session);
        bucket_of_.erase(session);
      }
      buckets_.erase(buckets_.begin());
    }
    return expired;
  }

 private:
  void leave(std::int64_t bucket, SessionId session) {
    const auto at = buckets_.find(bucket);
    at->second.erase(session);
    if (at->second.empty()) buckets_.erase(at);
  }

  Duration interval_;
  std::map<std::int64_t, std::set<SessionId>> buckets_;
  std::map<SessionId, std::int64_t> bucket_of_;
};

}  // namespace barnabas::zookeeper
