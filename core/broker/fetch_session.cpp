#include "core/broker/fetch_session.hpp"

#include <limits>

#include "core/base/check.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

std::int32_t epoch_after(std::int32_t epoch) {
  return epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1;
}

// The topic is compared by what it says; it lives as long as the entry that the key is of.
struct Key {
  const FetchTopicRef* topic;
  std::int32_t partition;

  bool operator<(const Key& other) const {
    const auto order = topic == other.topic ? std::strong_ordering::equal : *topic <=> *other.topic;
    return order != 0 ? order < 0 : partition < other.partition;
  }
};

Key key_of(const FetchItem& item) { return {item.topic.get(), item.partition}; }

}  // namespace

class FetchSession {
 public:
  struct Entry {
    FetchItem item;
    // What the client was told last; -1 when it was told nothing, or of an error, so that the next is news.
    std::int64_t high_watermark = -1;
    std::int64_t log_start_offset = -1;
  };

  FetchSession(bool by_id, bool follower) : by_id_(by_id), follower_(follower) {}

  bool by_id() const { return by_id_; }
  bool follower() const { return follower_; }
  std::size_t size() const { return order_.size(); }

  void put(FetchItem item) {
    const auto found = index_.find(key_of(item));
    if (found != index_.end()) {
      // The key refers to the topic of the entry, which therefore stays.
      item.topic = found->second->item.topic;
      Entry& entry = *found->second;
      // In another leader epoch the client may not have taken what it was told in the former one.
      if (entry.item.current_leader_epoch != item.current_leader_epoch) entry.high_watermark = -1;
      entry.item = std::move(item);
      return;
    }
    const auto entry = order_.insert(order_.end(), Entry{std::move(item)});
    index_.emplace(key_of(entry->item), entry);
  }

  void forget(const FetchItem& item) {
    const auto found = index_.find(key_of(item));
    if (found == index_.end()) return;
    const auto entry = found->second;
    index_.erase(found);
    order_.erase(entry);
  }

  std::vector<FetchItem> items() const {
    std::vector<FetchItem> result;
    result.reserve(order_.size());
    for (const Entry& entry : order_) result.push_back(entry.item);
    return result;
  }

  // news: of every entry, in the order of the list.
  void learn(std::span<const FetchNews> news) {
    B_CHECK_OP(news.size(), ==, order_.size());
    auto entry = order_.begin();
    for (const FetchNews& found : news) (void)take_note(*entry++, found);
  }

  std::vector<bool> learn_and_sift(std::span<const FetchNews> news) {
    B_CHECK_OP(news.size(), ==, order_.size());
    std::vector<bool> told;
    told.reserve(news.size());
    auto entry = order_.begin();
    for (const FetchNews& found : news) {
      const auto present = entry++;
      told.push_back(take_note(*present, found));
      if (found.bytes > 0) order_.splice(order_.end(), order_, present);
    }
    return told;
  }

  std::int32_t id = kNoFetchSession;
  std::int32_t epoch = kInitialFetchEpoch;  // Of the next request.
  Instant created{};
  Instant last_used{};
  std::size_t counted = 0;  // The size when it was last touched.

 private:
  static bool take_note(Entry& entry, const FetchNews& found) {
    const bool tell = found.bytes > 0 || found.error || found.always || found.high_watermark != entry.high_watermark ||
                      found.log_start_offset != entry.log_start_offset;
    // Who is told to cut its log takes nothing else from the answer.
    entry.high_watermark = found.error || found.always ? -1 : found.high_watermark;
    entry.log_start_offset = found.log_start_offset;
    return tell;
  }

  bool by_id_;
  bool follower_;
  std::list<Entry> order_;
  std::map<Key, std::list<Entry>::iterator> index_;
};

FetchSessionCache::FetchSessionCache(std::size_t slots, std::function<std::uint64_t()> random,
                                     std::size_t max_partitions)
    : slots_(slots), random_(std::move(random)), max_partitions_(max_partitions) {}

FetchSessionCache::~FetchSessionCache() = default;

std::expected<FetchPlan, ErrorCode> FetchSessionCache::begin(FetchAsk ask, Instant now) {
  const bool full = ask.session_epoch == kInitialFetchEpoch || ask.session_epoch == kFinalFetchEpoch;
  if (!full) return begin_incremental(ask, now);
  if (ask.session_id != kNoFetchSession) remove(ask.session_id);
  FetchPlan plan;
  if (ask.session_epoch == kFinalFetchEpoch) {
    plan.items = std::move(ask.items);
    return plan;
  }
  plan.kind = FetchPlan::Kind::full;
  plan.session = std::make_shared<FetchSession>(ask.by_id, ask.follower);
  for (FetchItem& item : ask.items) put(plan, std::move(item));
  settle(plan);
  return plan;
}

void FetchSessionCache::put(FetchPlan& plan, FetchItem item) { plan.session->put(std::move(item)); }

void FetchSessionCache::settle(FetchPlan& plan) { plan.items = plan.session->items(); }

std::expected<FetchPlan, ErrorCode> FetchSessionCache::begin_incremental(FetchAsk& ask, Instant now) {
  const auto found = sessions_.find(ask.session_id);
  if (found == sessions_.end()) return std::unexpected(ErrorCode::fetch_session_id_not_found);
  const std::shared_ptr<FetchSession> session = found->second;
  if (session->epoch != ask.session_epoch) return std::unexpected(ErrorCode::invalid_fetch_session_epoch);
  if (session->by_id() != ask.by_id) return std::unexpected(ErrorCode::fetch_session_topic_id_error);
  if (ask.items.size() > max_partitions_) {
    remove(session->id);
    return std::unexpected(ErrorCode::fetch_session_id_not_found);
  }
  for (FetchItem& item : ask.items) session->put(std::move(item));
  for (const FetchItem& item : ask.forgotten) session->forget(item);
  FetchPlan plan;
  if (session->size() == 0) {
    remove(session->id);
    return plan;
  }
  if (partitions_ - session->counted + session->size() > max_partitions_) {
    remove(session->id);
    return std::unexpected(ErrorCode::fetch_session_id_not_found);
  }
  touch(*session, now);
  session->epoch = epoch_after(session->epoch);
  plan.kind = FetchPlan::Kind::incremental;
  plan.items = session->items();
  plan.session = session;
  plan.next_epoch = session->epoch;
  return plan;
}

FetchVerdict FetchSessionCache::finish(const FetchPlan& plan, std::span<const FetchNews> news, Instant now) {
  B_CHECK_OP(news.size(), ==, plan.items.size());
  FetchVerdict verdict;
  if (plan.kind != FetchPlan::Kind::incremental) {
    verdict.told.assign(news.size(), true);
    if (plan.kind == FetchPlan::Kind::sessionless) return verdict;
    plan.session->learn(news);
    verdict.session_id = admit(plan.session, now);
    return verdict;
  }
  verdict.session_id = plan.session->id;
  // Another request of the session overtook this one: its list is no longer what was read.
  if (plan.session->epoch != plan.next_epoch) {
    verdict.error = ErrorCode::invalid_fetch_session_epoch;
    return verdict;
  }
  verdict.told = plan.session->learn_and_sift(news);
  return verdict;
}

std::int32_t FetchSessionCache::admit(const std::shared_ptr<FetchSession>& session, Instant now) {
  if (session->size() > max_partitions_) return kNoFetchSession;
  if (!make_room(session->follower(), session->size(), now)) return kNoFetchSession;
  session->id = new_id();
  session->epoch = epoch_after(kInitialFetchEpoch);
  session->created = now;
  session->last_used = now;
  sessions_.emplace(session->id, session);
  touch(*session, now);
  return session->id;
}

bool FetchSessionCache::make_room(bool follower, std::size_t size, Instant now) {
  while (sessions_.size() >= slots_ || partitions_ + size > max_partitions_) {
    if (sessions_.empty()) return false;
    const auto& [last_used, oldest] = *by_age_.begin();
    if (now - last_used > kFetchSessionPatience) {
      evict(oldest);
      continue;
    }
    const std::set<Worth>& open = follower ? open_to_followers_ : open_to_all_;
    if (open.empty() || Worth(follower, size, 0) < *open.begin()) return false;
    evict(std::get<2>(*open.begin()));
  }
  return true;
}

void FetchSessionCache::touch(FetchSession& session, Instant now) {
  unlist(session);
  partitions_ += session.size() - session.counted;
  session.last_used = now;
  session.counted = session.size();
  by_age_.emplace(now, session.id);
  const Worth worth(session.follower(), session.counted, session.id);
  const bool grown_up = now - session.created > kFetchSessionPatience;
  if (grown_up) open_to_all_.insert(worth);
  if (grown_up || !session.follower()) open_to_followers_.insert(worth);
}

void FetchSessionCache::unlist(const FetchSession& session) {
  by_age_.erase({session.last_used, session.id});
  const Worth worth(session.follower(), session.counted, session.id);
  open_to_all_.erase(worth);
  open_to_followers_.erase(worth);
}

void FetchSessionCache::remove(std::int32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  unlist(*found->second);
  partitions_ -= found->second->counted;
  sessions_.erase(found);
}

void FetchSessionCache::evict(std::int32_t id) {
  remove(id);
  ++evictions_;
}

std::int32_t FetchSessionCache::new_id() {
  while (true) {
    const auto id = static_cast<std::int32_t>(random_() & std::numeric_limits<std::int32_t>::max());
    if (id != kNoFetchSession && !sessions_.contains(id)) return id;
  }
}

}  // namespace barnabas::broker
