// Fetches from one leader for all partitions that follow it here.
//
// One connection with a fetch session does the work. A second one stands by: a partition that begins to follow while
// the first waits for news is fetched on it at once, in short turns, and goes over to the first when that has its
// answer. So nothing new waits for replica.fetch.wait.max.ms.
//
// An answer counts only for the leader epoch and the offset that were asked for (KAFKA-7786). What a leader refuses is
// asked for again, first soon, then every replica.fetch.backoff.ms, and at once when the controller said something new.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/client/connection.hpp"
#include "core/env/env.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/replication/follower_session.hpp"
#include "core/replication/partition_table.hpp"
#include "core/replication/replication_options.hpp"
#include "core/replication/replication_throttle.hpp"
#include "core/replication/self_info.hpp"

namespace barnabas::replication {

class LeaderFetcher {
 public:
  struct Hooks {
    // Where the leader is; nothing: not known.
    std::function<std::optional<env::Endpoint>(BrokerId leader)> address_of;
    // Its connection was refused or broke.
    std::function<void(BrokerId leader)> peer_failed;
    // Counts against the throttle unless it is in sync (follower.replication.throttled.replicas). May be empty.
    std::function<bool(const TopicPartition& partition)> throttled;
  };

  // All of these outlive this.
  LeaderFetcher(env::Env env, PartitionTable& partitions, const SelfInfo& self, const ReplicationOptions& options,
                const Hooks& hooks, ReplicationThrottle& throttle, BrokerId leader);

  // Fetches for it from now on, in the epoch in which it follows.
  void follow(std::shared_ptr<Partition> partition, bool same_leader);
  void unfollow(const TopicPartition& id);
  bool empty() const { return partitions_.empty(); }
  // The leader has registered anew, or is somewhere else: no more waiting.
  void kick();

  void start();
  // Returns when nothing is under way any more.
  Task<void> stop();

 private:
  struct Followed {
    std::shared_ptr<Partition> partition;
    LeaderEpoch epoch;
    bool same_leader = false;  // As before this epoch.
    int lane = kNoLane;
    Instant retry_at{};
    Duration backoff{};
    bool paused = false;  // By the throttle.
    bool gone = false;
  };
  using Entry = std::shared_ptr<Followed>;

  struct Lane {
    int index = 0;
    std::shared_ptr<client::Connection> connection;
    FollowerSession session;
    bool busy = false;
    bool polling = false;  // Waits for the answer to a fetch.
    Duration backoff{};
    Instant retry_at{};
  };

  struct Answer {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    Offset high_watermark{0};
    Offset log_start{0};
    std::optional<log::EpochEnd> diverging;
    Buffer records;
  };

  // What one answer led to.
  struct Round {
    bool cut = false;  // A log was truncated: the checkpoints are to be written.
    std::vector<Entry> out_of_range;
  };

  static constexpr int kNoLane = -1;

  Task<void> run(Lane& lane);
  bool may_work(const Lane& lane) const;
  bool has_work(const Lane& lane) const;
  void take_work(Lane& lane);
  Task<void> wait_for_work(const Lane& lane);
  void back_off(Lane& lane);

  Task<bool> work(Lane& lane);
  Task<bool> connect(Lane& lane);
  static Task<void> connect_into(LeaderFetcher& fetcher, env::Endpoint to, Lane& lane, std::shared_ptr<Event> done);
  Task<Result<client::Reply<protocol::FetchResponse>>> fetch(Lane& lane);
  Task<bool> take_answer(Lane& lane, client::Reply<protocol::FetchResponse> reply);
  Task<Result<void>> take(Lane& lane, Round& round, Entry entry, Answer answer);
  Entry expected(const Lane& lane, const TopicPartition& id) const;
  Task<bool> find_range(Lane& lane, std::vector<Entry> entries);
  Task<Result<std::map<TopicPartition, Offset>>> list_offsets(std::shared_ptr<client::Connection> connection,
                                                              std::vector<Entry> entries, std::int64_t timestamp);

  FetchState state_of(const Followed& followed) const;
  // leader_high_watermark: tells how far behind it is.
  void go_on(Lane& lane, const Entry& entry, Offset leader_high_watermark);
  void try_later(Lane& lane, const Entry& entry);
  void failed(Lane& lane, const Entry& entry, const Error& error);
  void release(Lane& lane, const Entry& entry);
  void broke(Lane& lane, const Error& error);
  void report(env::LogLevel level, const std::string& line);

  env::Env env_;
  PartitionTable& table_;
  const SelfInfo& self_;
  const ReplicationOptions& options_;
  const Hooks& hooks_;
  ReplicationThrottle& throttle_;
  BrokerId leader_;
  std::map<TopicPartition, Entry> partitions_;
  std::set<TopicPartition> waiting_;  // In no lane.
  std::array<Lane, 2> lanes_;
  bool stopping_ = false;
  bool reported_ = false;  // That the leader cannot be reached.
  Notification changed_;
  std::shared_ptr<Event> connecting_[2];
  Scope connects_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::replication
