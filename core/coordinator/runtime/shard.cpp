#include "core/coordinator/runtime/shard.hpp"

namespace barnabas::coordinator {

Shard::Shard(ShardContext& context, PartitionId partition, std::unique_ptr<StateLog> log)
    : context_(context),
      partition_(partition),
      log_(std::move(log)),
      loaded_(context.env.executor),
      write_added_(context.env.executor),
      scope_(context.env.executor) {}

Shard::~Shard() { context_.groups -= groups_.size(); }

ErrorCode Shard::status() const {
  switch (state_) {
    case State::loading: return ErrorCode::coordinator_load_in_progress;
    case State::serving: return ErrorCode::none;
    case State::failed:
    case State::closed: return ErrorCode::not_coordinator;
  }
  return ErrorCode::not_coordinator;
}

Task<Result<void>> Shard::load() {
  if (state_ == State::closed) co_return fail(Errc::closed, "the partition was unloaded");
  scope_.spawn(run_writes());
  co_await loaded_.wait();
  if (load_error_) co_return std::unexpected(*load_error_);
  if (state_ == State::closed) co_return fail(Errc::closed, "the partition was unloaded");
  co_return Result<void>();
}

Task<void> Shard::close() {
  state_ = State::closed;
  forget(ErrorCode::not_coordinator);
  log_->abandon();
  write_added_.notify_all();
  co_await scope_.join();
  loaded_.set();
}

Shard::Entry* Shard::find_entry(std::string_view name) {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : found->second.get();
}
const group::Group* Shard::find(std::string_view name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second->group;
}
std::vector<const group::Group*> Shard::all() const {
  std::vector<const group::Group*> result;
  for (const auto& [name, entry] : groups_) result.push_back(&entry->group);
  return result;
}

Shard::Entry& Shard::create(std::string_view name) {
  ++context_.groups;
  auto entry = std::make_unique<Entry>(std::string(name), context_.config);
  return *groups_.emplace(std::string(name), std::move(entry)).first->second;
}

// A new member and a commit without a generation make the group; whoever claims to know it must find it.
std::expected<Shard::Entry*, ErrorCode> Shard::entry_for(std::string_view name, const Operation& operation) {
  if (Entry* entry = find_entry(name)) return entry;
  const auto* join = std::get_if<group::JoinInput>(&operation);
  const auto* commit = std::get_if<CommitOperation>(&operation);
  if (std::holds_alternative<DeleteOperation>(operation) || std::holds_alternative<ForgetOperation>(operation)) {
    return std::unexpected(ErrorCode::group_id_not_found);
  }
  if (commit != nullptr && commit->generation >= 0) return std::unexpected(ErrorCode::illegal_generation);
  if (commit == nullptr && (join == nullptr || !join->member_id.empty())) {
    return std::unexpected(ErrorCode::unknown_member_id);
  }
  if (context_.groups >= context_.config.max_groups) return std::unexpected(ErrorCode::group_max_size_reached);
  return &create(name);
}

void Shard::submit(std::string_view group, Operation operation) {
  B_CHECK(state_ == State::serving);
  const auto entry = entry_for(group, operation);
  if (!entry) {
    if (auto refused = refusal(operation, entry.error())) answer(std::move(*refused));
    return;
  }
  (*entry)->queue.push_back(std::move(operation));
  pump(**entry);
}

bool Shard::must_wait(const Entry& entry, const Operation& operation) const {
  const bool removes =
      std::holds_alternative<DeleteOperation>(operation) || std::holds_alternative<CleanOperation>(operation);
  return entry.changing || (removes && entry.commits > 0);
}

// Runs what is queued until something has to wait. The entry may be gone afterwards.
void Shard::pump(Entry& entry) {
  bool deadlines_move = false;
  while (!entry.queue.empty() && !must_wait(entry, entry.queue.front())) {
    Operation operation = std::move(entry.queue.front());
    entry.queue.pop_front();
    deadlines_move |= !std::holds_alternative<CommitOperation>(operation);
    std::visit([this, &entry](auto& each) { run(entry, each); }, operation);
  }
  // A commit only puts a session's end off: the old deadline then finds nothing to do and is set anew. While the
  // group changes it has none.
  if (deadlines_move || !entry.deadline) set_deadline(entry, entry.group.next_deadline());
  erase_if_void(entry);
}

void Shard::run(Entry& entry, group::JoinInput& input) { apply(entry, entry.group.join(std::move(input), moment())); }
void Shard::run(Entry& entry, group::SyncInput& input) { apply(entry, entry.group.sync(std::move(input), moment())); }
void Shard::run(Entry& entry, TimerOperation&) { apply(entry, entry.group.timer(moment())); }

void Shard::run(Entry& entry, LeaveOperation& leave) {
  LeaveReply reply{.waiter = leave.waiter};
  group::Effects effects = entry.group.leave(leave.leavers, moment(), reply.errors);
  answer(std::move(reply));
  apply(entry, std::move(effects));
}

void Shard::run(Entry& entry, CommitOperation& commit) {
  const ErrorCode error = entry.group.commit(commit.member, commit.generation, moment().now);
  if (error != ErrorCode::none || commit.records.empty()) {
    answer(CommitReply{.waiter = commit.waiter, .error = error});
    return;
  }
  ++entry.commits;
  Write write{.entry = &entry, .purpose = Purpose::commit, .waiter = commit.waiter, .records = {}};
  for (group::OffsetRecord& record : commit.records) write.records.emplace_back(std::move(record));
  this->write(std::move(write));
}

void Shard::run(Entry& entry, DeleteOperation& removal) {
  if (const ErrorCode error = entry.group.check_delete(); error != ErrorCode::none) {
    answer(DeleteReply{.waiter = removal.waiter, .error = error});
    return;
  }
  entry.changing = true;
  Write write{.entry = &entry, .purpose = Purpose::delete_group, .waiter = removal.waiter, .records = {}};
  for (group::OffsetRecord& record : offsets_.tombstones(entry.group.id()))
    write.records.emplace_back(std::move(record));
  write.records.emplace_back(group::GroupRecord{.group = entry.group.id(), .value = {}});
  this->write(std::move(write));
}

void Shard::run(Entry& entry, ForgetOperation& forget) {
  Write write{.entry = &entry, .purpose = Purpose::forget_offsets, .waiter = forget.waiter, .records = {}};
  for (group::OffsetKey& key : forget.keys) {
    write.errors.push_back(entry.group.check_forget(key.topic));
    if (write.errors.back() == ErrorCode::non_empty_group) {
      answer(ForgetReply{.waiter = forget.waiter, .error = ErrorCode::non_empty_group});
      return;
    }
    if (write.errors.back() != ErrorCode::none) continue;
    if (offsets_.find(entry.group.id(), key.topic, key.partition.value()) == nullptr) continue;
    write.records.emplace_back(group::OffsetRecord{.key = std::move(key), .value = {}});
  }
  if (write.records.empty()) {
    answer(ForgetReply{.waiter = forget.waiter, .errors = std::move(write.errors)});
    return;
  }
  ++entry.commits;
  this->write(std::move(write));
}

void Shard::apply(Entry& entry, group::Effects effects) {
  for (group::Reply& reply : effects.replies) {
    std::visit([this](auto& each) { answer(std::move(each)); }, reply);
  }
  if (!effects.record) return;
  entry.changing = true;
  Write write{.entry = &entry, .purpose = Purpose::change_group, .waiter = {}, .records = {}};
  write.records.emplace_back(group::GroupRecord{.group = entry.group.id(), .value = std::move(effects.record)});
  this->write(std::move(write));
}

ErrorCode Shard::heartbeat(std::string_view group, const group::MemberIdentity& member, std::int32_t generation) {
  Entry* entry = find_entry(group);
  if (entry == nullptr) return ErrorCode::unknown_member_id;
  return entry->group.heartbeat(member, generation, moment().now);
}

void Shard::set_deadline(Entry& entry, std::optional<Instant> deadline) {
  if (entry.deadline == deadline) return;
  if (entry.deadline) deadlines_.erase({*entry.deadline, entry.group.id()});
  entry.deadline = deadline;
  if (!deadline) return;
  const auto [position, inserted] = deadlines_.emplace(*deadline, entry.group.id());
  if (position == deadlines_.begin()) context_.deadlines_changed.notify_all();
}

std::optional<Instant> Shard::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void Shard::fire(Instant now) {
  std::vector<std::string> due;
  for (auto each = deadlines_.begin(); each != deadlines_.end() && each->first <= now; ++each) {
    due.push_back(each->second);
  }
  for (const std::string& name : due) {
    Entry* entry = find_entry(name);
    if (entry == nullptr || !entry->deadline || *entry->deadline > now) continue;
    set_deadline(*entry, std::nullopt);
    if (entry->changing) continue;  // Set again when that is done.
    entry->queue.emplace_front(TimerOperation{});
    pump(*entry);
  }
}

void Shard::erase_if_void(Entry& entry) {
  if (!entry.queue.empty() || entry.changing || entry.commits > 0 || !entry.group.is_void()) return;
  if (offsets_.find(entry.group.id()) != nullptr) return;
  set_deadline(entry, std::nullopt);
  --context_.groups;
  groups_.erase(groups_.find(entry.group.id()));
}

}  // namespace barnabas::coordinator
