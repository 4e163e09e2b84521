// The groups of one partition of __consumer_offsets, on its log.
//
// Each group takes one operation at a time, in the order they came; while a record that changes the group is
// on its way to the log, what comes for that group waits behind it. Commits change no group, so any number of
// them may be under way. One task writes: it gathers whatever is to be written into one batch, appends it, and
// only then replays it and lets the answers go (law 4).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/coordinator/group/config.hpp"
#include "core/coordinator/group/group.hpp"
#include "core/coordinator/group/offset_store.hpp"
#include "core/coordinator/runtime/operation.hpp"
#include "core/coordinator/runtime/partition_writer.hpp"
#include "core/coordinator/runtime/waiters.hpp"
#include "core/env/env.hpp"
#include "core/record/record_reader.hpp"

namespace barnabas::coordinator {

// Records are gathered into one batch up to this size; what one operation writes always stays together.
inline constexpr std::size_t kMaxGatheredBytes = 512 * 1024;

// What the shards of one coordinator have in common. Outlives them.
struct ShardContext {
  env::Env env;
  group::GroupConfig config;
  std::shared_ptr<Waiters> waiters;
  Notification deadlines_changed;
  std::size_t groups = 0;  // In all shards.
};

class Shard {
 public:
  Shard(ShardContext& context, PartitionId partition, std::unique_ptr<StateLog> log);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Replays the log, then serves. Returns when it does, or why it does not.
  Task<Result<void>> load();
  // Stops serving: whoever waits gets NOT_COORDINATOR. Returns when the log is not used any more.
  Task<void> close();

  // none, coordinator_load_in_progress, or not_coordinator. Only with none may the functions below be called.
  ErrorCode status() const;

  // The answer goes to the operation's waiter.
  void submit(std::string_view group, Operation operation);
  ErrorCode heartbeat(std::string_view group, const group::MemberIdentity& member, std::int32_t generation);

  // Null when there is no such group.
  const group::Group* find(std::string_view name) const;
  const group::OffsetStore& offsets() const { return offsets_; }
  // In order of their names.
  std::vector<const group::Group*> all() const;

  std::optional<Instant> next_deadline() const;
  // Lets every group look whose deadline has passed.
  void fire(Instant now);
  // Forgets what is of no use any more in all groups, or the offsets of a topic that is deleted.
  void clean(std::string_view deleted_topic = {});

 private:
  enum class State : std::uint8_t { loading, serving, failed, closed };

  struct Entry {
    Entry(std::string name, const group::GroupConfig& config) : group(std::move(name), config) {}

    group::Group group;
    std::deque<Operation> queue;
    bool changing = false;    // A record that changes the group is on its way to the log.
    std::size_t commits = 0;  // Commits on their way.
    std::optional<Instant> deadline;
  };
  enum class Purpose : std::uint8_t { change_group, commit, delete_group, forget_offsets, clean };
  struct Write {
    Entry* entry;
    Purpose purpose;
    WaiterId waiter;  // Of all but change_group and clean.
    std::vector<group::StateRecord> records;
    std::vector<ErrorCode> errors = {};  // Of forget_offsets: what is answered when it is done.
  };

  // shard.cpp
  group::Moment moment() const { return {context_.env.clock.now(), context_.env.clock.wall()}; }
  Entry* find_entry(std::string_view name);
  std::expected<Entry*, ErrorCode> entry_for(std::string_view name, const Operation& operation);
  Entry& create(std::string_view name);
  bool must_wait(const Entry& entry, const Operation& operation) const;
  void pump(Entry& entry);
  void run(Entry& entry, group::JoinInput& input);
  void run(Entry& entry, group::SyncInput& input);
  void run(Entry& entry, LeaveOperation& leave);
  void run(Entry& entry, CommitOperation& commit);
  void run(Entry& entry, DeleteOperation& removal);
  void run(Entry& entry, ForgetOperation& forget);
  void run(Entry& entry, CleanOperation& clean);
  void run(Entry& entry, TimerOperation& timer);
  void apply(Entry& entry, group::Effects effects);
  void answer(Answer answer) { context_.waiters->answer(std::move(answer)); }
  void set_deadline(Entry& entry, std::optional<Instant> deadline);
  void erase_if_void(Entry& entry);

  // shard_write.cpp
  void write(Write write);
  Task<void> run_writes();
  Buffer gather();
  void finish(Offset base);
  void complete(const Write& write);
  void fail_writes(const Error& error);
  void forget(ErrorCode error);

  // shard_clean.cpp
  bool expired(const group::Group& group, std::string_view topic, const group::CommittedOffset& value) const;

  // shard_load.cpp
  Task<Result<void>> replay_log();
  Result<void> replay_batches(ByteView batches);
  Result<void> replay_record(const record::BatchHeader& header, const record::RecordView& view);
  Result<void> replay_marker(const record::BatchHeader& header, const record::RecordView& view);
  void replay(const group::StateRecord& record, Offset at);
  void resume();
  void log_line(env::LogLevel level, std::string_view line) const;

  ShardContext& context_;
  PartitionId partition_;
  std::unique_ptr<StateLog> log_;
  State state_ = State::loading;
  Event loaded_;
  std::optional<Error> load_error_;

  std::map<std::string, std::unique_ptr<Entry>, std::less<>> groups_;
  group::OffsetStore offsets_;
  std::set<std::pair<Instant, std::string>> deadlines_;

  std::deque<Write> writes_;
  std::vector<Write> under_way_;  // In the append that is under way.
  std::size_t gather_limit_ = kMaxGatheredBytes;
  Notification write_added_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::coordinator
