// The forgetting half of a shard: offsets that nobody uses any more, and groups that have none left.
#include "core/coordinator/runtime/shard.hpp"

namespace barnabas::coordinator {

void Shard::clean(std::string_view deleted_topic) {
  if (state_ != State::serving) return;
  std::vector<std::string> names;  // Of their own: a group may be gone when its turn has come.
  for (const auto& [name, entry] : groups_) {
    const group::OffsetStore::Topics* topics = offsets_.find(name);
    const bool concerned = entry->commits > 0 || (topics != nullptr && topics->contains(deleted_topic));
    if (deleted_topic.empty() || concerned) names.push_back(name);
  }
  for (const std::string& name : names) {
    Entry* entry = find_entry(name);
    if (entry == nullptr) continue;
    entry->queue.push_back(CleanOperation{std::string(deleted_topic)});
    pump(*entry);
  }
}

void Shard::run(Entry& entry, CleanOperation& clean) {
  const std::string& name = entry.group.id();
  Write write{.entry = &entry, .purpose = Purpose::clean, .waiter = {}, .records = {}};
  bool keeps_offsets = offsets_.has_pending(name);
  if (const group::OffsetStore::Topics* topics = offsets_.find(name)) {
    for (const auto& [topic, partitions] : *topics) {
      for (const auto& [partition, value] : partitions) {
        if (topic == clean.deleted_topic || expired(entry.group, topic, value)) {
          group::OffsetKey key{.group = name, .topic = topic, .partition = PartitionId(partition)};
          write.records.emplace_back(group::OffsetRecord{.key = std::move(key), .value = {}});
        } else {
          keeps_offsets = true;
        }
      }
    }
  }
  if (!keeps_offsets && entry.group.state() == group::GroupState::empty && entry.group.persistent()) {
    write.records.emplace_back(group::GroupRecord{.group = name, .value = {}});
  }
  if (write.records.empty()) return;
  entry.changing = true;
  this->write(std::move(write));
}

// By the wall clock, as the times in the records are: KIP-211, and for clients before it the time they asked for.
bool Shard::expired(const group::Group& group, std::string_view topic, const group::CommittedOffset& value) const {
  const std::optional<Timestamp> since = group.unused_since(topic, value.commit_time);
  if (!since) return false;
  const Timestamp now = moment().wall;
  if (value.expire_time != kNoTimestamp) return now >= value.expire_time;
  using std::chrono::milliseconds;
  const auto retention = std::chrono::duration_cast<milliseconds>(context_.config.offset_retention);
  return now.value() - retention.count() >= since->value();
}

}  // namespace barnabas::coordinator
