// What the sources of Partition share.
#pragma once

#include "core/replication/partition.hpp"

namespace barnabas::replication {

// One append, from the call to its outcome.
struct Partition::Pending {
  Pending(Executor& executor, record::ValidatedRecords validated, Acks wanted)
      : records(std::move(validated)), acks(wanted), done(executor) {}

  void finish(Result<Appended> result) {
    outcome = std::move(result);
    records.batch = {};
    done.set();
  }

  record::ValidatedRecords records;
  Acks acks;
  Appended appended;  // Once written.
  std::optional<Result<Appended>> outcome;
  Event done;
};

// Keeps the log from being removed, or the role from changing, under what is under way.
class Partition::Use {
 public:
  Use(Partition& partition, std::size_t& count) : partition_(partition), count_(count) { ++count_; }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    --count_;
    partition_.tell_if_unused();
  }

 private:
  Partition& partition_;
  std::size_t& count_;
};

inline void ring(IntrusiveList<Watcher>& watchers) {
  while (Watcher* watcher = watchers.pop_front()) watcher->bell.set();
}

}  // namespace barnabas::replication
