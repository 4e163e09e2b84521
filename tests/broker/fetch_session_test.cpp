#include "core/broker/fetch_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "core/base/prng.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

FetchItem item(std::string topic, std::int32_t partition, std::int64_t offset = 0) {
  FetchItem result;
  result.topic = std::make_shared<FetchTopicRef>(FetchTopicRef{std::move(topic), {}});
  result.partition = partition;
  result.fetch_offset = offset;
  return result;
}

FetchAsk ask(std::int32_t id, std::int32_t epoch, std::vector<FetchItem> items = {},
             std::vector<FetchItem> forgotten = {}) {
  FetchAsk result;
  result.session_id = id;
  result.session_epoch = epoch;
  result.items = std::move(items);
  result.forgotten = std::move(forgotten);
  return result;
}

FetchNews news(std::size_t bytes, std::int64_t high_watermark, bool error = false) {
  FetchNews result;
  result.bytes = bytes;
  result.high_watermark = high_watermark;
  result.log_start_offset = 0;
  result.error = error;
  return result;
}

std::string names(const FetchPlan& plan) {
  std::string result;
  for (const FetchItem& each : plan.items) {
    result += each.topic->name + std::to_string(each.partition) + "@" + std::to_string(each.fetch_offset) + " ";
  }
  return result;
}

class FetchSessions : public ::testing::Test {
 protected:
  FetchSessionCache make(std::size_t slots, std::size_t most = 1000) {
    return FetchSessionCache(slots, [this] { return ++drawn_; }, most);
  }
  // A full request of `count` partitions.
  std::int32_t open(FetchSessionCache& cache, std::int32_t count, Instant now, bool follower = false) {
    FetchAsk request = ask(0, 0);
    request.follower = follower;
    for (std::int32_t i = 0; i < count; ++i) request.items.push_back(item("t", i));
    const auto plan = cache.begin(std::move(request), now);
    const std::vector<FetchNews> none(static_cast<std::size_t>(count), news(0, 0));
    return cache.finish(*plan, none, now).session_id;
  }

  std::uint64_t drawn_ = 0;
  const Instant start_ = Instant(1h);
};

TEST_F(FetchSessions, an_incremental_request_reads_all_and_tells_only_news) {
  FetchSessionCache cache = make(10);
  const auto full = cache.begin(ask(0, 0, {item("a", 0), item("a", 1), item("b", 0)}), start_);
  ASSERT_TRUE(full.has_value());
  const FetchNews first[] = {news(0, 5), news(0, 5), news(0, 5)};
  const FetchVerdict opened = cache.finish(*full, first, start_);
  EXPECT_EQ(opened.told, std::vector<bool>(3, true));
  ASSERT_NE(opened.session_id, 0);

  const auto next = cache.begin(ask(opened.session_id, 1, {item("a", 0, 7)}), start_);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(names(*next), "a0@7 a1@0 b0@0 ");
  const FetchNews second[] = {news(100, 6), news(0, 5), news(0, 9)};
  const FetchVerdict told = cache.finish(*next, second, start_);
  EXPECT_EQ(told.told, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(told.session_id, opened.session_id);

  // a0 gave records and goes to the end.
  EXPECT_EQ(names(*cache.begin(ask(opened.session_id, 2), start_)), "a1@0 b0@0 a0@7 ");
}

TEST_F(FetchSessions, an_error_is_told_each_time_and_so_is_its_end) {
  FetchSessionCache cache = make(10);
  const std::int32_t id = open(cache, 1, start_);
  const FetchNews steps[] = {news(0, 0), news(0, -1, true), news(0, -1, true), news(0, 0), news(0, 0)};
  const bool expected[] = {false, true, true, true, false};
  for (std::int32_t i = 0; i < 5; ++i) {
    const auto plan = cache.begin(ask(id, i + 1), start_);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(cache.finish(*plan, std::span(&steps[i], 1), start_).told.at(0), expected[i]) << i;
  }
}

// Found by simulated clusters: a follower's high watermark stood still for ever in an idle partition.
TEST_F(FetchSessions, a_follower_is_told_again_what_it_may_not_have_taken) {
  FetchSessionCache cache = make(10);
  const std::int32_t id = open(cache, 1, start_, true);
  FetchNews steps[] = {news(0, 7), news(0, 7), news(0, 7), news(0, 7)};
  steps[0].always = true;  // It is to cut its log, and takes nothing else of the answer.
  FetchItem moved = item("t", 0);
  moved.current_leader_epoch = 5;
  const bool expected[] = {true, true, false, true};
  for (std::int32_t i = 0; i < 4; ++i) {
    // In a new epoch it drops what was on its way.
    const auto plan = cache.begin(i == 3 ? ask(id, i + 1, {moved}) : ask(id, i + 1), start_);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(cache.finish(*plan, std::span(&steps[i], 1), start_).told.at(0), expected[i]) << i;
  }
}

TEST_F(FetchSessions, tells_what_is_wrong_with_a_session) {
  FetchSessionCache cache = make(10);
  const std::int32_t id = open(cache, 2, start_);
  EXPECT_EQ(cache.begin(ask(id + 1, 1), start_).error(), ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(cache.begin(ask(id, 2), start_).error(), ErrorCode::invalid_fetch_session_epoch);
  FetchAsk by_id = ask(id, 1);
  by_id.by_id = true;
  EXPECT_EQ(cache.begin(by_id, start_).error(), ErrorCode::fetch_session_topic_id_error);
  EXPECT_TRUE(cache.begin(ask(id, 1), start_).has_value());
}

TEST_F(FetchSessions, ends_when_asked_or_when_nothing_is_left) {
  FetchSessionCache cache = make(10);
  const std::int32_t one = open(cache, 2, start_);
  EXPECT_EQ(cache.begin(ask(one, -1, {item("t", 5)}), start_)->kind, FetchPlan::Kind::sessionless);
  const std::int32_t two = open(cache, 1, start_);
  EXPECT_TRUE(cache.begin(ask(two, 1, {}, {item("t", 0)}), start_)->items.empty());
  const std::int32_t three = open(cache, 1, start_);
  EXPECT_EQ(cache.begin(ask(three, 0, {item("t", 5)}), start_)->kind, FetchPlan::Kind::full);
  EXPECT_EQ(cache.sessions(), 0u);
  EXPECT_EQ(cache.partitions(), 0u);
}

TEST_F(FetchSessions, a_request_that_was_overtaken_fails) {
  FetchSessionCache cache = make(10);
  const std::int32_t id = open(cache, 1, start_);
  const auto slow = cache.begin(ask(id, 1), start_);
  const auto fast = cache.begin(ask(id, 2, {}, {}), start_);
  const FetchNews one[] = {news(0, 0)};
  EXPECT_EQ(cache.finish(*fast, one, start_).error, ErrorCode::none);
  EXPECT_EQ(cache.finish(*slow, one, start_).error, ErrorCode::invalid_fetch_session_epoch);
}

TEST_F(FetchSessions, a_slot_goes_to_the_idle_then_to_the_larger_and_to_followers_first) {
  FetchSessionCache cache = make(2);
  const std::int32_t small = open(cache, 1, start_);
  const std::int32_t follower = open(cache, 1, start_, true);
  EXPECT_EQ(open(cache, 9, start_ + 1min), 0) << "both are young";
  const auto used = [&](std::int32_t id, std::int32_t epoch, Instant at) {
    return cache.begin(ask(id, epoch), at).has_value();
  };
  ASSERT_TRUE(used(small, 1, start_ + 90s));
  ASSERT_TRUE(used(follower, 1, start_ + 90s));
  ASSERT_TRUE(used(small, 2, start_ + 121s));
  ASSERT_TRUE(used(follower, 2, start_ + 121s));
  const std::int32_t larger = open(cache, 9, start_ + 122s);
  EXPECT_NE(larger, 0) << "takes the small one's";
  EXPECT_FALSE(used(small, 3, start_ + 122s));
  EXPECT_EQ(open(cache, 1, start_ + 122s), 0) << "what is smaller takes nothing";
  const std::int32_t second = open(cache, 1, start_ + 122s, true);
  EXPECT_NE(second, 0) << "a follower takes a young consumer's";
  EXPECT_FALSE(used(larger, 1, start_ + 122s));
  EXPECT_NE(open(cache, 1, start_ + 242s), 0) << "anyone takes an idle one's";
  EXPECT_EQ(cache.evictions(), 3u);
}

TEST_F(FetchSessions, remembers_no_more_partitions_than_it_may) {
  FetchSessionCache cache = make(10, 5);
  const std::int32_t id = open(cache, 3, start_);
  EXPECT_NE(id, 0);
  EXPECT_EQ(open(cache, 3, start_), 0);
  EXPECT_EQ(open(cache, 6, start_), 0);
  std::vector<FetchItem> more;
  for (std::int32_t i = 10; i < 13; ++i) more.push_back(item("t", i));
  EXPECT_EQ(cache.begin(ask(id, 1, std::move(more)), start_).error(), ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(cache.partitions(), 0u);
}

// The same rules, written down without any index: what a reader can check against KIP-227 line by line.
class Model {
 public:
  explicit Model(std::size_t slots) : slots_(slots) {}

  struct Entry {
    FetchItem asked;
    std::int64_t high_watermark = -1;
    std::int64_t log_start = -1;
  };
  struct Session {
    std::int32_t id = 0;
    std::int32_t epoch = 1;
    bool follower = false;
    std::vector<Entry> entries;
    Instant created{};
    Instant used{};
    std::size_t size_when_used = 0;
  };

  static bool same(const FetchItem& a, const FetchItem& b) {
    return *a.topic == *b.topic && a.partition == b.partition;
  }
  static void put(std::vector<Entry>& entries, const FetchItem& asked) {
    for (Entry& entry : entries) {
      if (same(entry.asked, asked)) {
        if (entry.asked.current_leader_epoch != asked.current_leader_epoch) entry.high_watermark = -1;
        entry.asked = asked;
        return;
      }
    }
    entries.push_back({asked});
  }
  Session* find(std::int32_t id) {
    for (Session& session : sessions_) {
      if (session.id == id) return &session;
    }
    return nullptr;
  }
  void remove(std::int32_t id) {
    std::erase_if(sessions_, [&](const Session& session) { return session.id == id; });
  }
  // The id of the session that makes room for this one; nothing: none does.
  std::optional<std::int32_t> victim(const Session& session, Instant now) const {
    const Session* oldest = nullptr;
    const Session* worst = nullptr;
    const auto worth = [](const Session& s, std::size_t size, std::int32_t id) {
      return std::tuple(s.follower, size, id);
    };
    for (const Session& each : sessions_) {
      if (oldest == nullptr || std::pair(each.used, each.id) < std::pair(oldest->used, oldest->id)) oldest = &each;
      const bool grown = each.used - each.created > kFetchSessionPatience;
      if (!grown && !(session.follower && !each.follower)) continue;
      if (worst == nullptr ||
          worth(each, each.size_when_used, each.id) < worth(*worst, worst->size_when_used, worst->id)) {
        worst = &each;
      }
    }
    if (oldest != nullptr && now - oldest->used > kFetchSessionPatience) return oldest->id;
    if (worst == nullptr ||
        worth(session, session.entries.size(), 0) < worth(*worst, worst->size_when_used, worst->id)) {
      return std::nullopt;
    }
    return worst->id;
  }
  bool full() const { return sessions_.size() >= slots_; }
  void add(Session session) { sessions_.push_back(std::move(session)); }

  static std::vector<bool> tell(std::vector<Entry>& entries, const std::vector<FetchNews>& found) {
    std::vector<bool> told;
    std::vector<Entry> quiet;
    std::vector<Entry> fed;
    for (std::size_t i = 0; i < found.size(); ++i) {
      Entry& entry = entries[i];
      const FetchNews& now = found[i];
      told.push_back(now.bytes > 0 || now.error || now.always || entry.high_watermark != now.high_watermark ||
                     entry.log_start != now.log_start_offset);
      entry.high_watermark = now.error || now.always ? -1 : now.high_watermark;
      entry.log_start = now.log_start_offset;
      (now.bytes > 0 ? fed : quiet).push_back(entry);
    }
    quiet.insert(quiet.end(), fed.begin(), fed.end());
    entries = std::move(quiet);
    return told;
  }

 private:
  std::size_t slots_;
  std::vector<Session> sessions_;
};

std::string names(const std::vector<Model::Entry>& entries) {
  FetchPlan plan;
  for (const Model::Entry& entry : entries) plan.items.push_back(entry.asked);
  return names(plan);
}

class Comparison {
 public:
  explicit Comparison(std::uint64_t seed) : draw_(seed), cache_(3, [this] { return ++drawn_; }), model_(3) {}

  void step() {
    now_ += std::chrono::seconds(draw_.below(40));
    if (draw_.below(3) == 0 || epochs_.empty()) {
      full();
    } else {
      incremental();
    }
  }

 private:
  std::vector<FetchItem> some(std::uint64_t most) {
    std::vector<FetchItem> result;
    for (std::uint64_t i = draw_.below(most + 1); i > 0; --i) {
      result.push_back(item(draw_.below(2) == 0 ? "a" : "b", static_cast<std::int32_t>(draw_.below(4)),
                            static_cast<std::int64_t>(draw_.below(100))));
    }
    return result;
  }
  std::vector<FetchNews> found(std::size_t count) {
    std::vector<FetchNews> result;
    for (std::size_t i = 0; i < count; ++i) {
      FetchNews each =
          news(draw_.below(4) == 0 ? 10 : 0, static_cast<std::int64_t>(draw_.below(3)), draw_.below(8) == 0);
      each.log_start_offset = draw_.below(6) == 0 ? 1 : 0;
      each.always = draw_.below(20) == 0;
      result.push_back(each);
    }
    return result;
  }

  void full() {
    const std::vector<FetchItem> items = some(6);
    Model::Session session;
    session.follower = draw_.below(3) == 0;
    for (const FetchItem& each : items) Model::put(session.entries, each);
    FetchAsk request = ask(0, 0, items);
    request.follower = session.follower;
    const auto plan = cache_.begin(std::move(request), now_);
    ASSERT_TRUE(plan.has_value());
    ASSERT_EQ(names(*plan), names(session.entries));
    const std::vector<FetchNews> all = found(plan->items.size());
    const FetchVerdict verdict = cache_.finish(*plan, all, now_);
    for (std::size_t i = 0; i < all.size(); ++i) {
      session.entries[i].high_watermark = all[i].error || all[i].always ? -1 : all[i].high_watermark;
      session.entries[i].log_start = all[i].log_start_offset;
    }
    if (model_.full()) {
      const auto victim = model_.victim(session, now_);
      ASSERT_EQ(verdict.session_id != 0, victim.has_value());
      if (!victim) return;
      model_.remove(*victim);
    }
    ASSERT_NE(verdict.session_id, 0);
    session.id = verdict.session_id;
    session.created = session.used = now_;
    session.size_when_used = session.entries.size();
    model_.add(session);
    epochs_.push_back({session.id, 1});
  }

  void incremental() {
    auto& [id, epoch] = epochs_[draw_.below(epochs_.size())];
    const std::int32_t named = draw_.below(10) == 0 ? epoch + 1 : epoch;
    const std::vector<FetchItem> items = some(3);
    const std::vector<FetchItem> forgotten = some(2);
    const auto plan = cache_.begin(ask(id, named, items, forgotten), now_);
    Model::Session* session = model_.find(id);
    if (session == nullptr) {
      ASSERT_FALSE(plan.has_value());
      ASSERT_EQ(plan.error(), ErrorCode::fetch_session_id_not_found);
      return;
    }
    if (named != session->epoch) {
      ASSERT_FALSE(plan.has_value());
      ASSERT_EQ(plan.error(), ErrorCode::invalid_fetch_session_epoch);
      return;
    }
    ASSERT_TRUE(plan.has_value());
    for (const FetchItem& each : items) Model::put(session->entries, each);
    for (const FetchItem& each : forgotten) {
      std::erase_if(session->entries, [&](const Model::Entry& entry) { return Model::same(entry.asked, each); });
    }
    ASSERT_EQ(names(*plan), names(session->entries));
    if (session->entries.empty()) {
      model_.remove(id);
      return;
    }
    session->used = now_;
    session->size_when_used = session->entries.size();
    epoch = ++session->epoch;
    const std::vector<FetchNews> all = found(plan->items.size());
    ASSERT_EQ(cache_.finish(*plan, all, now_).told, Model::tell(session->entries, all));
  }

  Prng draw_;
  std::uint64_t drawn_ = 0;
  Instant now_{1h};
  FetchSessionCache cache_;
  Model model_;
  std::vector<std::pair<std::int32_t, std::int32_t>> epochs_;  // Of every session there ever was.
};

TEST_F(FetchSessions, behave_as_the_model_does) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Comparison comparison(seed);
    for (int i = 0; i < 200; ++i) {
      comparison.step();
      if (HasFatalFailure()) FAIL() << "seed " << seed << ", step " << i;
    }
  }
}

}  // namespace
}  // namespace barnabas::broker
