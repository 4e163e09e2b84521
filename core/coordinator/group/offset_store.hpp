// The committed offsets of the groups of one partition of __consumer_offsets: persistent state, changed by
// replaying records and by nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/coordinator/group/state_record.hpp"

namespace barnabas::coordinator::group {

class OffsetStore {
 public:
  using Partitions = std::map<std::int32_t, CommittedOffset>;
  using Topics = std::map<std::string, Partitions, std::less<>>;

  // at: the record's offset in __consumer_offsets.
  void replay(const OffsetRecord& record, Offset at);

  // Commits inside a transaction (KIP-98) take effect with its commit marker, unless the partition got a later
  // commit outside of it meanwhile; an abort marker drops them.
  void replay_transactional(ProducerId producer, OffsetRecord record, Offset at);
  void end_transaction(ProducerId producer, bool commit);

  // Null when there is none.
  const CommittedOffset* find(std::string_view group, std::string_view topic, std::int32_t partition) const;
  const Topics* find(std::string_view group) const;
  // Whether a transaction that is not decided yet has commits of the group.
  bool has_pending(std::string_view group) const;
  // One tombstone for each offset of the group.
  std::vector<OffsetRecord> tombstones(std::string_view group) const;
  // Groups that have offsets, in order.
  std::vector<std::string> groups() const;

 private:
  struct Pending {
    OffsetRecord record;
    Offset at;
  };

  std::map<std::string, Topics, std::less<>> groups_;
  std::map<OffsetKey, Offset> written_at_;  // Where the present value of each key was read from or written to.
  std::map<ProducerId, std::vector<Pending>> pending_;
};

}  // namespace barnabas::coordinator::group
