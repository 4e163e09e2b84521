// What the clients of a run did and were told.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"
#include "core/protocol/error_code.hpp"
#include "sim/checkers/log_image.hpp"
#include "sim/oracle/invariants.hpp"
#include "sim/scenario/scenario.hpp"

namespace barnabas::sim {

// A broker died. Its logs, as they were at that moment.
struct CrashReport {
  std::string node;
  bool power_cut = false;
  LogImages written;  // As its process could read them, before the power went.
  LogImages durable;  // What was sure to survive.
};

// Where what is sure to have survived ends: the first gap.
std::int64_t sure_end(const LogImage& image);

inline constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max();

struct ProducedRecord {
  enum class State : std::uint8_t {
    sent,          // No answer yet; at the end, unknown: it may be in the log or not.
    acknowledged,  // At `offset`, or somewhere when that is -1.
    rejected,      // A definite error: it must not be in the log.
  };
  std::string producer;  // Who sent it; in the history each producer's records are in the order it sent them.
  std::string key;
  std::string value;  // Unique in the run, but for tombstones.
  bool tombstone = false;
  TopicPartition partition;
  bool idempotent = false;
  State state = State::sent;
  std::int64_t offset = -1;
  // A power cut while it was acknowledged or under way, where the flush setting promised nothing: at this offset
  // and above it may be gone.
  std::int64_t may_be_lost_from = kNowhere;

  bool must_be_there() const { return state == State::acknowledged && offset >= 0 && offset < may_be_lost_from; }
};

struct ReadRecord {
  std::string reader;
  TopicPartition partition;
  std::int64_t offset = -1;
  std::string value;
  bool may_be_lost = false;  // As above: another record may be at this offset now.
};

// A broker took a reader's leader epoch for its own.
struct ServedRead {
  std::int32_t broker = -1;
  std::int32_t named_epoch = -1;
  std::int32_t epoch_before = -1;  // The broker's, before it was asked; -1: not known.
};

// The offsets that a group committed for one partition.
struct GroupCommits {
  std::int64_t acknowledged = -1;          // The last that was answered with success.
  std::int64_t lowest_unknown = kNowhere;  // Of those that were never answered and may still take effect.
  std::int64_t highest_sent = -1;
};
using GroupPartition = std::pair<std::string, TopicPartition>;

// What an admin was told of a topic whose name nobody used before.
struct ToldOfTopic {
  std::optional<protocol::ErrorCode> created;  // Nothing: no answer.
  bool removal_asked = false;
  bool removed = false;  // Was told so.
};

struct History {
  // Told at once what a client was told: that a batch was appended with acks=all, and of each record that was read.
  std::function<void(const TopicPartition&, std::int64_t first, std::int64_t last)> on_acknowledged;
  std::function<void(const TopicPartition&, std::int64_t offset)> on_read;
  // An admin was told that the topic has this many partitions now; 0: that it is gone.
  std::function<void(const std::string& topic, std::int32_t partitions)> on_topic;
  // The leader epoch that a broker is in now (-1: none), and what is told when it answers a reader who named one.
  std::function<std::int32_t(const TopicPartition&, std::int32_t broker)> epoch_at;
  std::function<void(const TopicPartition&, const ServedRead&)> on_served;
  // What a client sees to be wrong by itself.
  Judgement judge;
  // Records of these acks are asked for; of others nothing is promised.
  bool only_acks_all = false;

  std::deque<ProducedRecord> produced;
  std::deque<ReadRecord> read;
  std::map<GroupPartition, GroupCommits> committed;
  std::map<std::string, std::int32_t> generations;  // By group: the newest that a member was in.
  std::map<std::string, ToldOfTopic> topics;

  // Asked of the cluster once it had come to rest: every partition from its start, and OffsetFetch (-1: none).
  std::map<TopicPartition, std::vector<std::pair<std::int64_t, std::string>>> final_read;
  std::map<GroupPartition, std::int64_t> final_offsets;

  // For each power cut so far, where each log that is not synced at every batch was sure to end.
  std::vector<std::map<TopicPartition, std::int64_t>> power_cuts;

  // Marks what the flush settings allow this crash to have taken.
  void excuse(const Scenario& scenario, const CrashReport& crash);
  // From this offset on the partition has lost what it held, and may.
  void excuse_from(const TopicPartition& partition, std::int64_t offset);
  // Adds what a reader was given. An answer may still be on its way when the power goes: cuts_before is
  // power_cuts.size() when the reader asked.
  void note_read(ReadRecord record, std::size_t cuts_before);
};

}  // namespace barnabas::sim
