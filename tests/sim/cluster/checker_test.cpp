// Every check must be able to fail: histories and logs that break one guarantee each.
#include "sim/checkers/checker.hpp"

#include <gtest/gtest.h>

namespace barnabas::sim {
namespace {

const TopicPartition kPartition{"t", PartitionId(0)};

LoggedBatch batch(std::int64_t base, std::vector<std::string> values) {
  LoggedBatch one;
  one.base_offset = base;
  one.last_offset = base + static_cast<std::int64_t>(values.size()) - 1;
  one.hash = static_cast<std::uint64_t>(base) * 1'000 + values[0].size();
  for (const auto& value : values) one.hash = one.hash * 31 + std::hash<std::string>{}(value);
  for (std::size_t i = 0; i < values.size(); ++i) {
    one.records.push_back({base + static_cast<std::int64_t>(i), "", values[i], false});
  }
  return one;
}

LogImages logs(std::vector<LoggedBatch> batches) {
  LogImages all;
  all[kPartition].batches = std::move(batches);
  return all;
}

struct Fixture {
  Scenario scenario;
  History history;
  std::vector<std::string> complaints;

  Fixture() { scenario.topics.push_back({"t", 1, {}}); }
  std::unique_ptr<Checker> checker(std::string_view name) {
    return make_checker(name, scenario, history, [this](const std::string& what) { complaints.push_back(what); });
  }
  // Whether this ends in a complaint.
  bool complains(std::string_view name, const LogImages& images) {
    complaints.clear();
    checker(name)->quiescent(images);
    return !complaints.empty();
  }
  ProducedRecord& produced(std::string value, std::int64_t offset) {
    ProducedRecord& record = history.produced.emplace_back();
    record.value = std::move(value);
    record.partition = kPartition;
    record.idempotent = true;
    record.state = ProducedRecord::State::acknowledged;
    record.offset = offset;
    return record;
  }
  void power_cut(std::vector<LoggedBatch> written, std::vector<LoggedBatch> durable) {
    history.excuse(scenario, {"broker-0", true, logs(std::move(written)), logs(std::move(durable))});
  }
};

TEST(NoAckedLoss, sees_what_is_gone_or_replaced) {
  Fixture f;
  f.produced("a", 0);
  f.produced("b", 1);
  EXPECT_FALSE(f.complains("no_acked_loss", logs({batch(0, {"a", "b"})})));
  EXPECT_TRUE(f.complains("no_acked_loss", logs({batch(0, {"a"})})));
  EXPECT_TRUE(f.complains("no_acked_loss", logs({batch(0, {"a", "x"})})));
  EXPECT_TRUE(f.complains("no_acked_loss", LogImages{}));
}

TEST(NoAckedLoss, a_power_cut_excuses_only_what_was_neither_promised_nor_synced) {
  Fixture f;
  f.produced("a", 0);
  f.produced("b", 1);
  f.power_cut({batch(0, {"a"}), batch(1, {"b"})}, {batch(0, {"a"})});
  EXPECT_FALSE(f.complains("no_acked_loss", logs({batch(0, {"a"})})));
  EXPECT_TRUE(f.complains("no_acked_loss", LogImages{}));

  Fixture strict;
  strict.scenario.topics[0].config["flush.messages"] = "1";
  strict.produced("a", 0);
  strict.power_cut({batch(0, {"a"})}, {});
  EXPECT_TRUE(strict.complains("no_acked_loss", LogImages{}));
}

TEST(NoAckedLoss, looks_everywhere_for_what_was_acknowledged_without_an_offset) {
  Fixture f;
  f.produced("a", -1);
  EXPECT_FALSE(f.complains("no_acked_loss", logs({batch(0, {"b"}), batch(1, {"a"})})));
  EXPECT_TRUE(f.complains("no_acked_loss", logs({batch(0, {"b"})})));
  EXPECT_TRUE(f.complains("no_acked_loss", LogImages{}));
}

TEST(ProducerOrder, sees_a_record_behind_a_later_one_of_the_same_producer) {
  Fixture f;
  for (const char* value : {"a1", "b1", "a2"}) f.produced(value, -1).producer = std::string(1, value[0]);
  EXPECT_FALSE(f.complains("producer_order", logs({batch(0, {"a1", "a2"}), batch(2, {"b1"})})));
  EXPECT_TRUE(f.complains("producer_order", logs({batch(0, {"b1", "a2"}), batch(2, {"a1"})})));
  f.history.produced[0].idempotent = false;
  EXPECT_FALSE(f.complains("producer_order", logs({batch(0, {"b1", "a2"}), batch(2, {"a1"})})));
}

TEST(NoDuplicates, sees_a_value_that_is_there_twice) {
  Fixture f;
  f.produced("a", 0);
  EXPECT_FALSE(f.complains("no_duplicates", logs({batch(0, {"a"})})));
  EXPECT_TRUE(f.complains("no_duplicates", logs({batch(0, {"a"}), batch(1, {"a"})})));
  f.history.produced[0].idempotent = false;
  EXPECT_FALSE(f.complains("no_duplicates", logs({batch(0, {"a"}), batch(1, {"a"})})));
}

TEST(RejectedStayOut, sees_a_rejected_record) {
  Fixture f;
  f.produced("a", -1).state = ProducedRecord::State::rejected;
  EXPECT_FALSE(f.complains("rejected_stay_out", logs({batch(0, {"b"})})));
  EXPECT_TRUE(f.complains("rejected_stay_out", logs({batch(0, {"a"})})));
}

TEST(OffsetsDense, sees_gaps_overlaps_and_problems) {
  Fixture f;
  EXPECT_FALSE(f.complains("offsets_dense", logs({batch(0, {"a"}), batch(1, {"b"})})));
  EXPECT_TRUE(f.complains("offsets_dense", logs({batch(0, {"a"}), batch(2, {"b"})})));
  EXPECT_TRUE(f.complains("offsets_dense", logs({batch(0, {"a", "b"}), batch(1, {"c"})})));
  LogImages broken = logs({batch(0, {"a"})});
  broken[kPartition].problem = "wrong CRC";
  EXPECT_TRUE(f.complains("offsets_dense", broken));
}

struct Compacted : Fixture {
  Compacted() { scenario.topics[0].config["cleanup.policy"] = "compact"; }
  void keyed(const std::string& key, const std::string& value, std::int64_t offset) {
    ProducedRecord& record = produced(value, offset);
    record.key = key;
    record.tombstone = value.empty();
  }
  static LoggedBatch kept(std::int64_t offset, const std::string& key, const std::string& value) {
    LoggedBatch one = batch(offset, {value});
    one.records[0].key = key;
    one.records[0].tombstone = value.empty();
    return one;
  }
  bool complains_of(std::vector<LoggedBatch> batches) {
    return complains("compacted_keeps_last", logs(std::move(batches)));
  }
};

TEST(CompactedKeepsLast, wants_the_last_record_of_each_key_or_a_later_one) {
  Compacted f;
  f.keyed("k", "1", 0);
  f.keyed("k", "2", 1);
  f.keyed("m", "3", 2);
  EXPECT_FALSE(f.complains_of({f.kept(1, "k", "2"), f.kept(2, "m", "3")}));
  EXPECT_FALSE(f.complains_of({f.kept(2, "m", "3"), f.kept(5, "k", "never answered")}));
  EXPECT_TRUE(f.complains_of({f.kept(0, "k", "1"), f.kept(2, "m", "3")}));
  EXPECT_TRUE(f.complains_of({f.kept(1, "k", "2")}));
  EXPECT_TRUE(f.complains_of({f.kept(1, "k", "x"), f.kept(2, "m", "3")}));
  EXPECT_TRUE(f.complains_of({f.kept(0, "m", "1"), f.kept(1, "k", "2"), f.kept(2, "m", "3")}));
}

TEST(CompactedKeepsLast, lets_a_mark_of_deletion_go_only_where_it_may) {
  Compacted f;
  f.keyed("k", "1", 0);
  f.keyed("k", "", 1);
  EXPECT_FALSE(f.complains_of({f.kept(1, "k", "")}));
  EXPECT_TRUE(f.complains_of({}));
  EXPECT_TRUE(f.complains_of({f.kept(0, "k", "1")}));
  f.scenario.topics[0].config["delete.retention.ms"] = "0";
  EXPECT_FALSE(f.complains("compacted_keeps_last", logs({})));
  EXPECT_TRUE(f.complains_of({f.kept(0, "k", "1")}));
}

TEST(CompactedKeepsLast, expects_that_an_unanswered_mark_of_deletion_took_its_key_along) {
  Compacted f;
  f.keyed("k", "1", 0);
  f.keyed("k", "", -1);
  f.history.produced.back().state = ProducedRecord::State::sent;
  EXPECT_TRUE(f.complains_of({}));
  f.scenario.topics[0].config["delete.retention.ms"] = "0";
  EXPECT_FALSE(f.complains_of({}));
  f.history.produced.back().tombstone = false;
  EXPECT_TRUE(f.complains_of({}));
}

TEST(CompactedKeepsLast, wants_to_see_that_something_was_compacted) {
  Compacted f;
  std::vector<LoggedBatch> all;
  for (std::int64_t i = 0; i < 30; ++i) {
    f.keyed("k", std::to_string(i), i);
    all.push_back(f.kept(i, "k", std::to_string(i)));
  }
  EXPECT_TRUE(f.complains_of(all));
  all.erase(all.begin());
  EXPECT_FALSE(f.complains_of(all));
}

TEST(NoAckedLoss, leaves_to_retention_what_is_below_the_start) {
  Fixture f;
  f.produced("a", 0);
  f.produced("b", 1);
  EXPECT_TRUE(f.complains("no_acked_loss", logs({batch(1, {"b"})})));
  f.scenario.topics[0].config["retention.bytes"] = "100";
  EXPECT_FALSE(f.complains("no_acked_loss", logs({batch(1, {"b"})})));
  EXPECT_TRUE(f.complains("no_acked_loss", logs({batch(0, {"a"})})));
}

bool prefix_complains(std::vector<LoggedBatch> written, std::vector<LoggedBatch> durable,
                      std::vector<LoggedBatch> recovered) {
  Fixture f;
  const auto checker = f.checker("recovered_is_clean_prefix");
  checker->crashed({"broker-0", true, logs(std::move(written)), logs(std::move(durable))});
  checker->recovered("broker-0", logs(std::move(recovered)));
  return !f.complaints.empty();
}

TEST(RecoveredIsCleanPrefix, allows_a_prefix_with_all_that_was_synced) {
  const auto a = batch(0, {"a"});
  const auto b = batch(1, {"b"});
  const auto c = batch(2, {"c"});
  EXPECT_FALSE(prefix_complains({a, b, c}, {a}, {a, b, c}));
  EXPECT_FALSE(prefix_complains({a, b, c}, {a}, {a}));
  EXPECT_FALSE(prefix_complains({a, b, c}, {a}, {a, batch(1, {"new"})}));
  EXPECT_TRUE(prefix_complains({a, b, c}, {a}, {a, c})) << "a hole";
  EXPECT_TRUE(prefix_complains({a, b, c}, {a, b}, {a})) << "synced and gone";
  EXPECT_TRUE(prefix_complains({a, b, c}, {a, b}, {}));
}

TEST(CommittedOffsetsSurvive, sees_a_lost_and_an_invented_commit) {
  Fixture f;
  f.history.committed[{"g", kPartition}] = {5, kNowhere, 7};
  const auto with = [&](std::int64_t fetched) {
    f.history.final_offsets[{"g", kPartition}] = fetched;
    return f.complains("committed_offsets_survive", {});
  };
  EXPECT_FALSE(with(5));
  EXPECT_FALSE(with(7));
  EXPECT_TRUE(with(4));
  EXPECT_TRUE(with(-1));
  EXPECT_TRUE(with(8));
  f.history.committed[{"g", kPartition}].lowest_unknown = 4;
  EXPECT_FALSE(with(4));
}

TEST(TopicsAsTold, sees_what_is_missing_still_there_or_denied) {
  using protocol::ErrorCode;
  Fixture f;
  const LogImages log = logs({batch(0, {"a"})});
  ToldOfTopic& told = f.history.topics["t"];
  EXPECT_FALSE(f.complains("topics_as_told", {})) << "no answer came";
  told.created = ErrorCode::none;
  EXPECT_FALSE(f.complains("topics_as_told", log));
  EXPECT_TRUE(f.complains("topics_as_told", {}));
  told.removal_asked = true;
  EXPECT_FALSE(f.complains("topics_as_told", {}));
  EXPECT_FALSE(f.complains("topics_as_told", log)) << "no answer came";
  told.removed = true;
  EXPECT_TRUE(f.complains("topics_as_told", log));
  f.history.topics["other"].created = ErrorCode::topic_already_exists;
  EXPECT_TRUE(f.complains("topics_as_told", {}));
}

TEST(ConsumedEqualsLog, sees_what_was_given_wrongly_or_not_at_all) {
  Fixture f;
  const LogImages log = logs({batch(0, {"a", "b"})});
  f.history.final_read[kPartition] = {{0, "a"}, {1, "b"}};
  EXPECT_FALSE(f.complains("consumed_equals_log", log));
  f.history.read.push_back({"r", kPartition, 1, "x", false});
  EXPECT_TRUE(f.complains("consumed_equals_log", log));
  f.history.read.back().may_be_lost = true;
  EXPECT_FALSE(f.complains("consumed_equals_log", log));
  f.history.final_read[kPartition] = {{0, "a"}};
  EXPECT_TRUE(f.complains("consumed_equals_log", log));
  f.history.final_read[kPartition] = {{0, "a"}, {1, "c"}};
  EXPECT_TRUE(f.complains("consumed_equals_log", log));
  f.history.final_read[kPartition] = {{0, "a"}, {1, "b"}, {2, "c"}};
  EXPECT_TRUE(f.complains("consumed_equals_log", log));
}

TEST(LogImage, stops_at_bytes_that_are_no_batch) {
  std::map<std::string, SparseBytes> files;
  const std::string path = "/data/t-0/00000000000000000000.log";
  files[path].write(0, as_bytes(std::string(100, '\0')));
  files["/data/t-0/00000000000000000000.index"].write(0, as_bytes("ignored"));
  files["/data/t-1.0123-delete/00000000000000000000.log"].write(0, as_bytes("ignored"));
  const LogImages images = read_logs(files, "/data");
  ASSERT_EQ(images.size(), 1u);
  EXPECT_TRUE(images.at(kPartition).batches.empty());
  EXPECT_EQ(images.at(kPartition).problem, path + " at byte 0: the batch is not whole");
}

}  // namespace
}  // namespace barnabas::sim
