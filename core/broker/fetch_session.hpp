// Fetch sessions (KIP-227): the broker remembers what a consumer fetches, so that a request names only what
// changed and a response only what there is news of.
//
// Pure: no I/O, no clock. A request begins with begin(), which answers for its session and says what to read;
// finish() says which of what was read is told, and makes the session of a full request. In between other requests
// may use the same session, and it may be evicted; finish() then fails as Kafka does.
//
// Rules, Kafka's: a full request (epoch 0) ends the session that it names and begins a new one if there is a slot; a
// sessionless one (epoch -1) ends it; an incremental one must have the next epoch. Who may take a slot from whom:
// anyone from a session that was idle for two minutes; else a follower from a consumer, and the larger from the smaller
// of its kind, once that is two minutes old. A partition that gave records goes to the end of the session's
// list, so that none starves under max_bytes. One cache, where Kafka divides the slots among eight.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/time.hpp"
#include "core/base/uuid.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::broker {

inline constexpr std::int32_t kNoFetchSession = 0;
inline constexpr std::int32_t kInitialFetchEpoch = 0;
inline constexpr std::int32_t kFinalFetchEpoch = -1;

// A session that was not used for this long may be taken by anyone; one that is younger than this may not be taken by
// its equals.
inline constexpr Duration kFetchSessionPatience = 2min;

// Partitions that all sessions together remember; each costs some 200 bytes. Beyond that no session is made, and
// one that would grow further is ended.
inline constexpr std::size_t kMaxSessionPartitions = 500'000;

// A topic as the client names it: by name until version 12 of Fetch, by id since 13; the other is empty.
struct FetchTopicRef {
  std::string name;
  Uuid id;

  auto operator<=>(const FetchTopicRef&) const = default;
};

// What a client asks of one partition.
struct FetchItem {
  std::shared_ptr<const FetchTopicRef> topic;
  std::int32_t partition = 0;
  std::int32_t current_leader_epoch = -1;
  std::int64_t fetch_offset = 0;
  std::int32_t last_fetched_epoch = -1;
  std::int64_t log_start_offset = -1;  // Of a follower.
  std::int32_t max_bytes = 0;
};

// What was found there, as far as it decides whether the client is told.
struct FetchNews {
  std::size_t bytes = 0;
  std::int64_t high_watermark = -1;
  std::int64_t log_start_offset = -1;
  bool error = false;
  bool always = false;  // A preferred replica or a diverging epoch.
};

struct FetchAsk {
  std::int32_t session_id = kNoFetchSession;
  std::int32_t session_epoch = kFinalFetchEpoch;
  bool by_id = false;
  bool follower = false;
  std::vector<FetchItem> items;
  std::vector<FetchItem> forgotten;  // Only topic and partition count.
};

class FetchSession;

// One request between begin() and finish().
struct FetchPlan {
  enum class Kind : std::uint8_t { sessionless, full, incremental };

  Kind kind = Kind::sessionless;
  std::vector<FetchItem> items;           // What to read, in this order; no partition twice, but when sessionless.
  std::shared_ptr<FetchSession> session;  // Null when sessionless.
  std::int32_t next_epoch = kInitialFetchEpoch;
};

struct FetchVerdict {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::int32_t session_id = kNoFetchSession;
  std::vector<bool> told;  // For each item of the plan.
};

class FetchSessionCache {
 public:
  // slots: max.incremental.fetch.session.cache.slots. random: draws for session ids.
  FetchSessionCache(std::size_t slots, std::function<std::uint64_t()> random,
                    std::size_t max_partitions = kMaxSessionPartitions);
  ~FetchSessionCache();
  FetchSessionCache(const FetchSessionCache&) = delete;
  FetchSessionCache& operator=(const FetchSessionCache&) = delete;

  // The partitions of a full request may instead be put into its plan, one by one, and then settled.
  // Errors: fetch_session_id_not_found, invalid_fetch_session_epoch, fetch_session_topic_id_error.
  std::expected<FetchPlan, protocol::ErrorCode> begin(FetchAsk ask, Instant now);
  static void put(FetchPlan& plan, FetchItem item);
  static void settle(FetchPlan& plan);
  // A full request of more than that makes no session, and is better asked for without one.
  std::size_t max_partitions() const { return max_partitions_; }
  // news: one for each item of the plan.
  FetchVerdict finish(const FetchPlan& plan, std::span<const FetchNews> news, Instant now);

  std::size_t sessions() const { return sessions_.size(); }
  std::size_t partitions() const { return partitions_; }
  std::uint64_t evictions() const { return evictions_; }

 private:
  // Ordered by worth: consumers before followers, smaller before larger.
  using Worth = std::tuple<bool, std::size_t, std::int32_t>;

  std::expected<FetchPlan, protocol::ErrorCode> begin_incremental(FetchAsk& ask, Instant now);
  bool make_room(bool follower, std::size_t size, Instant now);
  std::int32_t admit(const std::shared_ptr<FetchSession>& session, Instant now);
  void touch(FetchSession& session, Instant now);
  void unlist(const FetchSession& session);
  void remove(std::int32_t id);
  void evict(std::int32_t id);
  std::int32_t new_id();

  std::size_t slots_;
  std::function<std::uint64_t()> random_;
  std::size_t max_partitions_;
  std::size_t partitions_ = 0;
  std::uint64_t evictions_ = 0;
  std::map<std::int32_t, std::shared_ptr<FetchSession>> sessions_;
  std::set<std::pair<Instant, std::int32_t>> by_age_;
  std::set<Worth> open_to_followers_;  // What a follower may take a slot from.
  std::set<Worth> open_to_all_;
};

}  // namespace barnabas::broker
