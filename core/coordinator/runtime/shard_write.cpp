// The writing half of a shard: records to the log, and what follows.
#include "core/coordinator/group/record_codec.hpp"
#include "core/coordinator/runtime/shard.hpp"
#include "core/coordinator/runtime/write_error.hpp"
#include "core/record/batch_builder.hpp"

namespace barnabas::coordinator {

void Shard::write(Write write) {
  writes_.push_back(std::move(write));
  write_added_.notify_all();
}

// Loads, then writes until the shard is closed. The only one to touch the log.
Task<void> Shard::run_writes() {
  Result<void> loaded = co_await replay_log();
  while (loaded && state_ != State::closed) {
    if (state_ == State::loading) resume();
    loaded_.set();
    while (writes_.empty() && state_ == State::serving) co_await write_added_.wait();
    if (state_ != State::serving) break;
    Buffer batch = gather();
    Result<Offset> base = co_await log_->append(batch);
    if (state_ != State::serving) break;  // Closed meanwhile: everybody was answered.
    if (base) {
      finish(*base);
    } else if (!outcome_unknown(base.error().code)) {
      fail_writes(base.error());
    } else {
      log_line(env::LogLevel::warn, "outcome of an append unknown, loading again: " + base.error().to_string());
      state_ = State::loading;
      forget(ErrorCode::coordinator_not_available);
      loaded = co_await replay_log();
    }
  }
  if (!loaded && state_ != State::closed) {
    state_ = State::failed;
    forget(ErrorCode::not_coordinator);
    load_error_ = loaded.error();
    log_line(env::LogLevel::warn, "not loaded: " + loaded.error().to_string());
  }
  loaded_.set();
}

// Moves writes from the queue, in order, to those under way, and makes them one batch.
Buffer Shard::gather() {
  B_CHECK(under_way_.empty());
  record::BatchBuilder builder;
  const Timestamp now = moment().wall;
  while (!writes_.empty()) {
    std::vector<group::EncodedRecord> encoded;
    std::size_t size = 0;
    for (const group::StateRecord& record : writes_.front().records) {
      encoded.push_back(group::encode(record));
      size += encoded.back().size();
    }
    // One that is large alone may be refused; it must not take others with it.
    if (!under_way_.empty() && builder.uncompressed_size() + size > gather_limit_) break;
    for (const group::EncodedRecord& each : encoded) {
      builder.append(now, each.key.view(), each.value ? std::optional(each.value->view()) : std::nullopt);
    }
    under_way_.push_back(std::move(writes_.front()));
    writes_.pop_front();
  }
  return builder.build();
}

void Shard::finish(Offset base) {
  std::vector<Write> writes = std::exchange(under_way_, {});
  Offset at = base;
  for (const Write& write : writes) {
    for (const group::StateRecord& record : write.records) {
      replay(record, at);
      ++at;
    }
  }
  for (const Write& write : writes) complete(write);
}

void Shard::complete(const Write& write) {
  Entry& entry = *write.entry;
  switch (write.purpose) {
    case Purpose::change_group:
      entry.changing = false;
      apply(entry, entry.group.written(moment()));
      break;
    case Purpose::commit:
      --entry.commits;
      answer(CommitReply{.waiter = write.waiter});
      break;
    case Purpose::forget_offsets:
      --entry.commits;
      answer(ForgetReply{.waiter = write.waiter, .errors = write.errors});
      if (offsets_.find(entry.group.id()) == nullptr) entry.queue.emplace_front(CleanOperation{});
      break;
    case Purpose::clean: entry.changing = false; break;
    case Purpose::delete_group:
      entry.changing = false;
      answer(DeleteReply{.waiter = write.waiter});
      break;
  }
  pump(entry);
}

// Nothing of them is in the state, and nothing gets there.
void Shard::fail_writes(const Error& error) {
  std::vector<Write> writes = std::exchange(under_way_, {});
  const bool too_large = error.code == Errc::too_large || error.code == Errc::record_list_too_large;
  if (too_large && writes.size() > 1) {  // Together, perhaps; the topic takes less than we gather.
    gather_limit_ /= 2;
    writes_.insert(writes_.begin(), std::make_move_iterator(writes.begin()), std::make_move_iterator(writes.end()));
    return;
  }
  for (const Write& write : writes) {
    Entry& entry = *write.entry;
    switch (write.purpose) {
      case Purpose::change_group:
        entry.changing = false;
        apply(entry, entry.group.write_failed(group_write_error(error.code), moment()));
        break;
      case Purpose::commit:
        --entry.commits;
        answer(CommitReply{.waiter = write.waiter, .error = commit_write_error(error.code)});
        break;
      case Purpose::forget_offsets:
        --entry.commits;
        answer(ForgetReply{.waiter = write.waiter, .error = commit_write_error(error.code)});
        break;
      case Purpose::clean: entry.changing = false; break;  // The next round tries again.
      case Purpose::delete_group:
        entry.changing = false;
        answer(DeleteReply{.waiter = write.waiter, .error = group_write_error(error.code)});
        break;
    }
    pump(entry);
  }
}

// Answers everybody and drops all state.
void Shard::forget(ErrorCode error) {
  for (Write& write : under_way_) writes_.push_back(std::move(write));
  under_way_.clear();
  for (const Write& write : writes_) {
    if (write.purpose == Purpose::commit) answer(CommitReply{.waiter = write.waiter, .error = error});
    if (write.purpose == Purpose::delete_group) answer(DeleteReply{.waiter = write.waiter, .error = error});
    if (write.purpose == Purpose::forget_offsets) answer(ForgetReply{.waiter = write.waiter, .error = error});
  }
  writes_.clear();
  for (auto& [name, entry] : groups_) {
    for (group::Reply& reply : entry->group.abandon(error)) {
      std::visit([this](auto& each) { answer(std::move(each)); }, reply);
    }
    for (const Operation& operation : entry->queue) {
      if (auto refused = refusal(operation, error)) answer(std::move(*refused));
    }
  }
  context_.groups -= groups_.size();
  groups_.clear();
  deadlines_.clear();
  offsets_ = {};
}

}  // namespace barnabas::coordinator
