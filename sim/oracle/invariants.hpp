// The guarantees of a cluster that are judged while it runs, by name and in one sentence each.
//
// Who judges them shares no code with the broker's decisions: it reads the order of writes of the simulated ZooKeeper,
// the bytes on the simulated disks and the bare numbers of a partition (ReplicaView), after every event at a node.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace barnabas::sim {

struct Invariant {
  std::string_view id;
  std::string_view statement;
};

inline constexpr Invariant kInvariants[] = {
    // Replication.
    {"R1", "What was once below a leader's high watermark is, with the same bytes, in the log of every later leader, "
           "as long as one of those who had to hold it has kept its disk."},
    {"R2", "A batch that was acknowledged with acks=all is below the high watermark when its producer hears of it."},
    {"R3", "The same offset and leader epoch never hold different bytes in two replicas, and below their high "
           "watermarks replicas agree."},
    {"R4", "A leader gives offsets without a gap; a follower appends at its own end or above it."},
    {"R5", "The high watermark stands still while fewer are in sync than min.insync.replicas."},
    {"R8", "A replica cuts nothing off its log that was below a high watermark."},
    {"P1", "A batch of an idempotent producer is below the high watermark of a partition at most once."},
    // High watermark.
    {"H1", "While its leader epoch lasts, a replica's high watermark does not fall."},
    {"H2", "When the high watermark moves over a record, every replica in sync has had that record."},
    {"H3", "No reader is given a record at or above the high watermark."},
    {"H4", "Log start, high watermark and log end of a replica stand in this order."},
    {"H6", "A leader that is alone in sync, and may be, has its high watermark at the end of its log, however little "
           "happens; at the latest when nobody who was caught up can be waited for any more."},
    // Leader epochs.
    {"E1", "At most one broker appends as leader under one leader epoch of a partition."},
    {"E2", "A leader that has a successor moves its high watermark only over what the successor's log holds as well."},
    {"E3", "Once a cluster has come to rest, a leader knows where each leader epoch begins in its log."},
    {"E4", "Asked where a leader epoch ended, a leader names the largest that it knows not above it, and its end."},
    {"E5", "The leader epochs of batches do not fall along a log, and none is of an epoch to come."},
    {"E6", "The leader epoch and the partition epoch that a broker has accepted do not fall."},
    {"E7", "Every change of leader in ZooKeeper raises the leader epoch."},
    {"E8", "A reader who names a leader epoch is answered only by a broker that is in this epoch."},
    // Controller.
    {"C1", "Controller epochs rise by one write at a time, together with /controller."},
    {"C2", "Who is controller in an older epoch writes no state: each write checks /controller_epoch and names it."},
    {"C5", "The state of a partition is never overwritten without naming the version that was read."},
    {"C6", "Who is in sync is assigned, and the leader is in sync."},
    {"C7", "A leader that may lack records is elected only where the topic allows it, or when all who could not lack "
           "any have lost their disks' tails."},
    // Metadata.
    {"M1", "While a broker runs, the leader epoch that it tells of a partition does not fall."},
    {"M2", "Once a cluster has come to rest, every broker tells clients what ZooKeeper holds."},
    {"M4", "A topic keeps its id as long as it is there."},
    {"M5", "When an admin is told that a topic was created, grown or deleted, ZooKeeper has it, or its mark."},
    {"Z1", "A broker that serves on a live session is registered under this session."},
    // Groups.
    {"G3", "Who is not of the present generation cannot commit, once a member of a later one was told of it."},
    // Liveness, once faults have stopped.
    {"L1", "Every live replica catches up and is in sync again."},
    {"L2", "An idle leader's high watermark is the end of its log."},
    {"L3", "Every partition has a leader that leads."},
    {"L4", "One broker is controller, and every live broker is registered."},
    {"L5", "Nobody hosts a partition that is not assigned to him."},
};

constexpr std::span<const Invariant> all_invariants() { return kInvariants; }

// invariant: an id of the table. what: where, and what was found.
using Judgement = std::function<void(std::string_view invariant, const std::string& what)>;

}  // namespace barnabas::sim
