// The order of everything: one heap of events for the whole simulated world.
//
// An event happens at a point of virtual time. Events of equal time are ordered by a tie drawn from the seed, so
// that another seed tries another order, then by the order in which they were scheduled. Virtual time jumps to
// the next event; it never goes back. Each event goes into the rolling hash with what the caller tagged it with.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/prng.hpp"
#include "core/base/time.hpp"
#include "sim/world/rolling_hash.hpp"

namespace barnabas::sim {

// What an event is, for the hash and the trace.
enum class EventKind : std::uint32_t {
  resume,    // A node runs one ready coroutine.
  timer,     // A sleep ends.
  disk,      // A disk operation takes effect.
  network,   // Bytes, a connection or a break arrive.
  offload,   // Work away from the loop is done.
  fault,     // A fault starts or ends.
  world,     // Whatever a test or scenario schedules.
};

struct EventTag {
  EventKind kind = EventKind::world;
  std::uint32_t node = 0;     // Index of the node concerned; 0 is the world itself.
  std::uint64_t payload = 0;  // Anything that tells two events of a kind apart.
};

// Names a scheduled event, for cancel(). Default: none.
struct EventId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

class Scheduler {
 public:
  struct Limits {
    // Resumptions of one node within ten virtual seconds; more are a livelock. A node that is never idle
    // reaches about 900,000.
    std::uint64_t resumptions_per_window = 700'000;
  };

  Scheduler(Prng stream, bool shuffle, Limits limits);

  Instant now() const { return now_; }
  std::uint64_t events() const { return events_; }
  // True when nothing is scheduled any more.
  bool empty() const { return live_ == 0; }
  // Names the node that spins, or is empty.
  bool livelock() const { return livelock_; }
  std::uint32_t livelock_node() const { return livelock_node_; }
  RollingHash& hash() { return hash_; }
  // Told of every event once it has happened, for who judges what follows from it. It must not change the world.
  using Observer = std::function<void(const EventTag& tag)>;
  void set_observer(Observer observer) { observer_ = std::move(observer); }

  // action runs at `when`, or as soon as possible when that is past.
  EventId at(Instant when, EventTag tag, std::function<void()> action);
  EventId after(Duration delay, EventTag tag, std::function<void()> action) {
    return at(now_ + delay, tag, std::move(action));
  }
  // Takes the event back. Harmless when it has happened, or was never scheduled. Sets id to none.
  void cancel(EventId& id);

  // Runs the next event; false when there is none or a livelock was found. The second form leaves events later
  // than `limit` alone: then it moves the time to `limit` and returns false.
  bool step();
  bool step_until(Instant limit);

 private:
  struct Entry {
    Instant at;
    std::uint64_t tie;
    std::uint64_t sequence;
    EventId id;
    // std::push_heap makes a max-heap: the later one is the smaller one.
    friend bool operator<(const Entry& a, const Entry& b) {
      if (a.at != b.at) return a.at > b.at;
      if (a.tie != b.tie) return a.tie > b.tie;
      return a.sequence > b.sequence;
    }
  };
  struct Slot {
    std::function<void()> action;
    EventTag tag;
    std::uint32_t generation = 1;
  };

  bool drop_cancelled();
  void count(const EventTag& tag);

  Prng stream_;
  bool shuffle_;
  Limits limits_;
  Observer observer_;
  RollingHash hash_;
  Instant now_{};
  std::vector<Entry> heap_;
  std::vector<Slot> slots_{1};  // Slot 0 is "none".
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_ = 0;
  std::size_t live_ = 0;
  Instant window_start_{};
  std::map<std::uint32_t, std::uint64_t> resumptions_;
  bool livelock_ = false;
  std::uint32_t livelock_node_ = 0;
};

}  // namespace barnabas::sim
