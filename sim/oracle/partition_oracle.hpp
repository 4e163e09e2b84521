// Judges the replicas of one partition, from its creation to its deletion: the R, H and E invariants.
//
// The ledger holds every batch that was ever below a legitimate leader's high watermark. Who must keep it, and when a
// loss is legal, is decided here from the faults themselves (facts, "Configuration x fault matrix"):
//  - Those who must hold all of the ledger are the ISR that was last large enough for the high watermark to move.
//  - One of them is *tainted* when its machine lost power or its disk was wiped, until it has left and joined again.
//  - As long as one of them is not tainted, nothing of the ledger may be lost. Once all are, what none of them is sure
//    to have synced may go; so may what an unclean election costs where the topic allows it. Such a loss is counted,
//    when it shows in a later leader's log, and the ledger goes on from there.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "sim/oracle/invariants.hpp"
#include "sim/oracle/replica_log.hpp"
#include "sim/oracle/znode_mirror.hpp"

namespace barnabas::sim {

// A replica as its broker has it in memory, in bare numbers.
struct ReplicaView {
  bool leads = false;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;
  std::int64_t high_watermark = 0;
  bool operator==(const ReplicaView&) const = default;
};

inline constexpr std::int64_t kNoLoss = std::numeric_limits<std::int64_t>::max();

class PartitionOracle {
 public:
  struct Rules {
    std::size_t min_insync = 1;   // The smallest that was ever in force.
    bool min_insync_known = true;  // It has never been changed.
    bool compacted = false;
    bool unclean = false;  // unclean.leader.election.enable
  };

  PartitionOracle(std::string name, Judgement judge) : name_(std::move(name)), judge_(std::move(judge)) {}

  // A replica as it is now. isr: asked of a leader whose high watermark has moved.
  void see(std::int32_t broker, const ReplicaView& view, const FileSystem& files, const std::string& directory,
           const Rules& rules, const std::function<std::vector<std::int32_t>()>& isr);
  // Its process has ended, or the broker does not host it any more.
  void forget(std::int32_t broker) { replicas_.erase(broker); }
  bool knows(std::int32_t broker) const { return replicas_.contains(broker); }
  // What the last see() saw; null: nothing in this process.
  const ReplicaView* view(std::int32_t broker) const;
  // The batches that this replica has.
  const ReplicaLog* log(std::int32_t broker) const;

  // The state znode was written.
  void state_written(const StateZnode& state, const std::optional<StateZnode>& before, const Rules& rules,
                     std::size_t replicas);
  // The broker has registered: whoever decides can know that its log may be another.
  void registered(std::int32_t broker);
  // The broker's disk has lost what was not synced (sure_end: where what is sure ends), or all (0).
  void tainted(std::int32_t broker, std::int64_t sure_end);

  // Every record below it was below a high watermark.
  std::int64_t ledger_end() const { return ledger_end_; }
  // R2: a producer was told that this was appended with acks=all.
  void acknowledged(std::int64_t first, std::int64_t last);
  // H3: a reader was given this offset.
  void consumed(std::int64_t offset);
  // E8: the broker answered a reader who named a leader epoch; epoch_before: the broker's before it was asked, or -1.
  void served(std::int32_t broker, std::int32_t named, std::int32_t epoch_before);
  // Records below a high watermark that were lost legally.
  std::uint64_t excused() const { return excused_; }
  std::uint64_t unclean_elections() const { return unclean_elections_; }
  // The lowest offset that was ever lost legally; kNoLoss: none was.
  std::int64_t lost_from() const { return lost_from_; }
  const std::string& name() const { return name_; }

 private:
  struct Replica {
    ReplicaLog log;
    ReplicaView view;
    bool seen = false;
  };
  struct Known {
    std::uint32_t crc = 0;
    std::int64_t last = 0;
    std::uint32_t holders = 0;  // Bit per broker: has had it.
  };
  struct Committed {
    BatchHead head;
    std::int32_t by_epoch = 0;  // The leader epoch in which it came below the high watermark.
  };
  struct Taint {
    std::string incarnation;
    std::int64_t sure_end = 0;
    bool left = false;   // Was out of the ISR since.
    bool known = false;  // Has registered since.
  };

  void compare(std::int32_t broker, Replica& replica, const ReplicaView& view, bool fresh);
  void take_in(std::int32_t broker, const Replica& replica, const ReplicaView& view, const BatchHead& head, bool fresh,
               std::int64_t end_before);
  void cut_off(std::int32_t broker, const ReplicaView& view, const BatchHead& head);
  void taken_over(std::int32_t broker, const Replica& replica, const ReplicaView& view, const Rules& rules);
  void watermark_of_leader(std::int32_t broker, const Replica& replica, const ReplicaView& view, const Rules& rules,
                           const std::vector<std::int32_t>& isr);
  void watermark_of_follower(std::int32_t broker, const Replica& replica, const ReplicaView& view,
                             std::int64_t from, const Rules& rules);
  void commit(std::int32_t broker, const BatchHead& head, std::int32_t epoch, const std::vector<std::int32_t>& isr);
  void check_successor(std::int32_t broker, const BatchHead& head, std::int32_t epoch);
  void lose_from(std::int64_t offset);
  const Committed* committed_at(std::int64_t offset) const;
  const Replica* leader() const;
  // Does another lead in a later epoch?
  bool is_superseded(const ReplicaView& view) const;
  void must_hold(const StateZnode& state, const Rules& rules, std::size_t replicas);
  // from_now: only those count of whom nobody can know yet.
  void weigh_taints(bool from_now);
  void complain(std::string_view invariant, std::int32_t broker, const std::string& what) const;

  std::string name_;
  Judgement judge_;
  std::map<std::int32_t, Replica> replicas_;
  std::map<std::pair<std::int32_t, std::int64_t>, Known> known_;  // By leader epoch and base offset.
  std::map<std::int32_t, std::int32_t> appenders_;                // By leader epoch.
  std::map<std::int64_t, Committed> ledger_;                      // By base offset.
  std::set<std::tuple<std::int64_t, std::int16_t, std::int32_t>> sequences_;
  std::int64_t ledger_end_ = 0;
  std::int64_t excused_from_ = kNoLoss;
  std::int64_t lost_from_ = kNoLoss;
  std::uint64_t excused_ = 0;
  std::uint64_t unclean_elections_ = 0;
  StateZnode state_;
  std::set<std::int32_t> holders_;  // Who must hold all of the ledger.
  std::map<std::int32_t, Taint> taints_;
};

}  // namespace barnabas::sim
