// Topics that come, grow and go, by request or because somebody wrote their znodes.
#include <algorithm>

#include "core/controller/term.hpp"
#include "core/metadata/config.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::controller {

namespace znode = metadata::znode;

namespace {

using protocol::ApiError;
using protocol::ErrorCode;
using zookeeper::CreateOp;
using zookeeper::kAnyVersion;
using zookeeper::Op;
using zookeeper::RemoveOp;
using zookeeper::SetOp;

// How often something is listed again because it changed meanwhile.
constexpr int kMaxRaces = 20;
constexpr std::size_t kRemovalsAtOnce = 500;

zookeeper::Data data_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

std::unexpected<ApiError> refuse(ErrorCode code, std::string message) {
  return std::unexpected(ApiError{code, std::move(message)});
}

std::unexpected<ApiError> failed(const Error& error) {
  const bool over = error.code == Errc::session_expired;
  return refuse(over ? ErrorCode::not_controller : ErrorCode::unknown_server_error, error.message);
}

TopicEntry entry_of(const metadata::TopicInfo& info) {
  TopicEntry topic;
  topic.name = info.name;
  topic.id = info.id;
  topic.config = info.config;
  for (const metadata::PartitionInfo& partition : info.partitions) {
    topic.partitions.emplace_back().replicas = partition.replicas;
  }
  return topic;
}

}  // namespace

// ----- What the watches show -----

Task<Result<void>> Term::on_topics() {
  std::set<std::string> names = watch_->take_changed_topics();
  names.merge(std::exchange(retry_topics_, {}));
  while (!names.empty()) {
    const std::string name = names.extract(names.begin()).value();
    const auto done = co_await on_topic(name);
    if (done) continue;
    // What was taken and not looked at must not get lost.
    retry_topics_ = std::move(names);
    retry_topics_.insert(name);
    co_return done;
  }
  if (!reassigning_.empty()) due(Work::reassignments);
  due(Work::deletions);  // A mark may have come before its topic was known.
  co_return co_await create_missing_states();
}

Task<Result<void>> Term::on_topic(std::string name) {
  const SeenTopic* seen = watch_->topic(name);
  TopicEntry* topic = state_.topic(name);
  if (seen == nullptr) {
    state_.removed.erase(name);
    if (topic != nullptr && topic->watched) topic_vanished(name);
    co_return Result<void>();
  }
  const auto removed = state_.removed.find(name);
  if (removed != state_.removed.end() && removed->second == seen->info.id) co_return Result<void>();  // Out of date.
  if (topic != nullptr && topic->id != seen->info.id && !seen->info.id.is_zero()) {
    topic_vanished(name);
    topic = nullptr;
  }
  if (topic == nullptr) {
    B_CO_TRY_VOID(co_await load_topic(name));
    const std::size_t count = state_.topic(name)->partitions.size();
    for (std::size_t i = 0; i < count; ++i) tell({name, PartitionId(static_cast<std::int32_t>(i))});
    co_return Result<void>();
  }
  topic->watched = true;
  if (seen->version <= topic->version) co_return Result<void>();
  topic->version = seen->version;
  if (topic->deleting) co_return Result<void>();
  for (std::size_t i = topic->partitions.size(); i < seen->info.partitions.size(); ++i) {
    topic->partitions.emplace_back().replicas = seen->info.partitions[i].replicas;
  }
  co_return Result<void>();
}

// Topics of brokers before 2.8 have no id.
Task<Result<void>> Term::give_id(std::string name) {
  TopicEntry* topic = state_.topic(name);
  const std::uint64_t high = context_.env.random.next();
  TopicEntry named = *topic;
  named.id = Uuid::from_random(high, context_.env.random.next());
  std::vector<Op> ops;
  ops.push_back(topic_write(named));
  B_CO_TRY(const WriteOutcome outcome, co_await writer_.write(std::move(ops)));
  if (!outcome.applied()) co_return Result<void>();  // It changed: the watch shows it again.
  ++named.version;
  state_.put_topic(std::move(named));
  co_return Result<void>();
}

// Somebody removed its znodes: it cannot be asked for any more. Logs are not removed without an order to do so.
void Term::topic_vanished(const std::string& name) {
  const TopicEntry& topic = *state_.topic(name);
  const Tombstone tombstone{name, topic.id, static_cast<std::int32_t>(topic.partitions.size())};
  for (const auto& [id, channel] : channels_) channel->tell_gone(tombstone);
  deletions_.erase(name);
  std::erase_if(leaving_, [&](const auto& entry) { return entry.first.topic == name; });
  state_.drop_topic(name);
}

Task<Result<void>> Term::on_config_changes() {
  const std::vector<std::string> names = watch_->config_changes();
  const std::set<std::string> present(names.begin(), names.end());
  std::erase_if(seen_config_changes_, [&](const std::string& name) { return !present.contains(name); });
  for (const std::string& name : names) {
    if (seen_config_changes_.contains(name)) continue;
    const std::string path = std::string(znode::kConfigChanges) + "/" + name;
    const auto node = co_await writer_.read(path);
    if (!node && node.error().code != Errc::not_found) co_return std::unexpected(node.error());
    seen_config_changes_.insert(name);
    if (!node || !node->data) continue;
    const auto entity = znode::decode_config_change(as_text(node->data->view()));
    constexpr std::string_view kPrefix = "topics/";
    if (!entity || !entity->starts_with(kPrefix)) continue;
    const std::string topic = entity->substr(kPrefix.size());
    if (state_.topic(topic) == nullptr) continue;
    B_CO_TRY_VOID(co_await load_config(topic));
    const std::size_t count = state_.topic(topic)->partitions.size();
    for (std::size_t i = 0; i < count; ++i) recheck_.insert({topic, PartitionId(static_cast<std::int32_t>(i))});
  }
  if (!recheck_.empty()) due(Work::recheck);
  co_return Result<void>();
}

// ----- Deletion: marked, told to everybody, logs removed, znodes removed -----

Task<Result<void>> Term::on_deletions() {
  for (const std::string& name : watch_->marked_for_deletion()) {
    const TopicEntry* topic = state_.topic(name);
    const bool known = topic != nullptr || watch_->topic(name) != nullptr;
    if (known && context_.config.get(metadata::keys::delete_topic_enable)) {
      if (topic != nullptr) begin_deletion(name);
      continue;
    }
    std::vector<Op> ops;
    ops.push_back(RemoveOp{znode::delete_topic_path(name), kAnyVersion});
    B_CO_TRY_VOID(co_await writer_.write(std::move(ops)));
  }
  // Topics without partitions, and those whose replicas answered while there was no way to finish.
  std::vector<std::string> ready;
  for (const auto& [name, deletion] : deletions_) {
    if (deletion.waiting.empty()) ready.push_back(name);
  }
  for (const std::string& name : ready) B_CO_TRY_VOID(co_await finish_deletion(name));
  co_return Result<void>();
}

void Term::begin_deletion(const std::string& name) {
  if (deletions_.contains(name)) return;
  TopicEntry& topic = *state_.topic(name);
  topic.deleting = true;
  info("topic " + name + " is being deleted");
  std::erase_if(leaving_, [&](const auto& entry) { return entry.first.topic == name; });
  std::erase_if(reassigning_, [&](const TopicPartition& id) { return id.topic == name; });
  const Tombstone tombstone{name, topic.id, static_cast<std::int32_t>(topic.partitions.size())};
  for (const auto& [id, channel] : channels_) channel->tell_gone(tombstone);
  Deletion& deletion = deletions_[name];
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const TopicPartition id{name, PartitionId(static_cast<std::int32_t>(i))};
    for (const BrokerId replica : topic.partitions[i].listed()) {
      deletion.waiting[id].insert(replica);
      const auto channel = channels_.find(replica);
      if (channel != channels_.end()) channel->second->tell_stop(id, Stop{true, true});
    }
  }
}

void Term::replicas_stopped(BrokerId broker, std::vector<Stopped> answers) {
  for (Stopped& answer : answers) stops_.emplace_back(broker, std::move(answer));
  due(Work::stops);
}

Task<Result<void>> Term::on_stops() {
  std::set<std::string> touched;
  for (const auto& [broker, answer] : std::exchange(stops_, {})) {
    if (!answer.removed) continue;
    const bool awaited = deletions_.contains(answer.id.topic) || leaving_.contains(answer.id);
    if (awaited && answer.error != ErrorCode::none && answer.error != ErrorCode::unknown_topic_or_partition) {
      // A failed directory, most likely: the broker is asked again in its next life.
      warn("broker " + std::to_string(broker.value()) + " cannot remove " + answer.id.to_string() + ": " +
           std::string(protocol::name_of(answer.error)));
      continue;
    }
    if (const auto deletion = deletions_.find(answer.id.topic); deletion != deletions_.end()) {
      auto& waiting = deletion->second.waiting;
      const auto partition = waiting.find(answer.id);
      if (partition == waiting.end()) continue;
      partition->second.erase(broker);
      if (partition->second.empty()) waiting.erase(partition);
      touched.insert(answer.id.topic);
    } else if (const auto leaving = leaving_.find(answer.id); leaving != leaving_.end()) {
      leaving->second.erase(broker);
      reassigning_.insert(answer.id);
    }
  }
  if (!reassigning_.empty()) due(Work::reassignments);
  for (const std::string& name : touched) {
    const auto deletion = deletions_.find(name);
    if (deletion == deletions_.end() || !deletion->second.waiting.empty()) continue;
    const auto done = co_await finish_deletion(name);
    if (done) continue;
    due(Work::deletions);
    co_return done;
  }
  co_return Result<void>();
}

// Children before parents, in pieces; the mark goes last, so a successor finishes what is left.
Task<Result<void>> Term::finish_deletion(std::string name) {
  B_CO_TRY_VOID(co_await remove_partitions(name));
  for (int race = 0; race < kMaxRaces; ++race) {
    std::vector<Op> ops;
    for (const std::string& path : {znode::partitions_path(name), znode::topic_path(name),
                                    znode::topic_config_path(name), znode::delete_topic_path(name)}) {
      const auto node = co_await writer_.read(path);
      if (!node && node.error().code != Errc::not_found) co_return std::unexpected(node.error());
      if (node) ops.push_back(RemoveOp{path, kAnyVersion});
    }
    if (!ops.empty()) {
      B_CO_TRY(const WriteOutcome outcome, co_await writer_.write(std::move(ops)));
      if (!outcome.applied()) {
        B_CO_TRY_VOID(co_await remove_partitions(name));
        continue;
      }
    }
    info("topic " + name + " is deleted");
    deletions_.erase(name);
    state_.drop_topic(name);
    retry_topics_.insert(name);  // It may have been made anew meanwhile.
    due(Work::topics);
    co_return Result<void>();
  }
  co_return fail(Errc::timed_out, "deleting topic " + name + ": its znodes keep changing");
}

Task<Result<void>> Term::remove_partitions(std::string name) {
  const std::string folder = znode::partitions_path(name);
  const auto children = co_await writer_.children(folder);
  if (!children && children.error().code == Errc::not_found) co_return Result<void>();
  if (!children) co_return std::unexpected(children.error());
  std::vector<Op> ops;
  for (std::size_t i = 0; i < children->names.size(); ++i) {
    const std::string partition = folder + "/" + children->names[i];
    const auto states = co_await writer_.children(partition);
    if (states) {
      for (const std::string& state : states->names) ops.push_back(RemoveOp{partition + "/" + state, kAnyVersion});
      ops.push_back(RemoveOp{partition, kAnyVersion});
    }
    if (ops.size() < kRemovalsAtOnce && i + 1 < children->names.size()) continue;
    if (ops.empty()) continue;
    std::vector<Op> removals = std::exchange(ops, {});
    B_CO_TRY(const WriteOutcome outcome, co_await writer_.write(std::move(removals)));
    if (!outcome.applied()) co_return fail(Errc::bad_version, "deleting topic " + name + ": its znodes change");
  }
  co_return Result<void>();
}

// ----- Requests -----

// Without states. Refused: the last operation means that the topic exists.
Task<Result<WriteOutcome>> Term::write_creation(metadata::TopicInfo info) {
  const std::string config_path = znode::topic_config_path(info.name);
  for (int race = 0; race < kMaxRaces; ++race) {
    // A config without its topic is left when a broker died between the two.
    const auto config = co_await writer_.read(config_path);
    if (!config && config.error().code != Errc::not_found) co_return std::unexpected(config.error());
    std::vector<Op> ops;
    ops.push_back(CreateOp{znode::topic_path(info.name), data_of(znode::encode_topic(info)), {}});
    const auto data = data_of(znode::encode_config(info.config));
    if (config) {
      ops.push_back(SetOp{config_path, data, kAnyVersion});
    } else {
      ops.push_back(CreateOp{config_path, data, {}});
    }
    B_CO_TRY(WriteOutcome outcome, co_await writer_.write(std::move(ops)));
    if (outcome.refused == 1U) continue;  // The config came or went meanwhile.
    co_return outcome;
  }
  co_return fail(Errc::timed_out, "creating topic " + info.name + ": its config keeps changing");
}

Task<protocol::ApiResult<metadata::TopicInfo>> Term::create_topic(metadata::NewTopic topic) {
  const std::string name = topic.name;
  const auto exists = [&] { return refuse(ErrorCode::topic_already_exists, "Topic '" + name + "' already exists."); };
  if (state_.topic(name) != nullptr) co_return exists();
  const auto empty = [](const std::vector<BrokerId>& replicas) { return replicas.empty(); };
  if (const auto good = metadata::validate_topic_name(name); !good) {
    co_return refuse(ErrorCode::invalid_topic_exception, good.error().message);
  }
  if (topic.id.is_zero() || topic.assignment.empty() || std::ranges::any_of(topic.assignment, empty)) {
    co_return refuse(ErrorCode::invalid_replica_assignment, "Topic '" + name + "' has no id, or nowhere to be.");
  }
  metadata::TopicInfo info;
  info.name = name;
  info.id = topic.id;
  info.config = std::move(topic.config);
  for (auto& replicas : topic.assignment) info.partitions.emplace_back().replicas = std::move(replicas);
  const auto written = co_await write_creation(info);
  if (!written) co_return failed(written.error());
  if (!written->applied() && written->code == Errc::already_exists) co_return exists();
  if (!written->applied()) {
    co_return refuse(ErrorCode::unknown_server_error, "ZooKeeper refused to create the topic");
  }
  TopicEntry entry = entry_of(info);
  entry.policy = policy_of(context_.config, entry.config);
  state_.put_topic(std::move(entry));
  const auto elected = co_await create_states(name);
  // It exists; its leaders will be elected.
  if (!elected && !ended()) recheck_.insert({name, PartitionId(0)}), due(Work::recheck);
  for (std::size_t i = 0; i < info.partitions.size(); ++i) {
    const TopicPartition id{name, PartitionId(static_cast<std::int32_t>(i))};
    if (!state_.partition(id)->record) tell_metadata(id);
  }
  co_return state_.topic(name)->to_info();
}

Task<protocol::ApiResult<std::monostate>> Term::delete_topic(std::string name) {
  if (!context_.config.get(metadata::keys::delete_topic_enable)) {
    co_return refuse(ErrorCode::topic_deletion_disabled,
                     "Topic deletion is disabled; set delete.topic.enable=true on the controller.");
  }
  if (state_.topic(name) == nullptr) {
    co_return refuse(ErrorCode::unknown_topic_or_partition, "This server does not host this topic-partition.");
  }
  std::vector<Op> ops;
  ops.push_back(CreateOp{znode::delete_topic_path(name), std::nullopt, {}});
  const auto written = co_await writer_.write(std::move(ops));
  if (!written) co_return failed(written.error());
  // Marked before is as good.
  if (!written->applied() && written->code != Errc::already_exists) {
    co_return refuse(ErrorCode::unknown_server_error, "ZooKeeper refused to mark the topic");
  }
  if (state_.topic(name) != nullptr) begin_deletion(name);
  due(Work::deletions);
  co_return std::monostate();
}

Task<protocol::ApiResult<std::monostate>> Term::add_partitions(std::string name, std::size_t present,
                                                               metadata::Assignment added) {
  TopicEntry* topic = state_.topic(name);
  if (topic == nullptr || topic->deleting) {
    co_return refuse(ErrorCode::unknown_topic_or_partition, "This server does not host this topic-partition.");
  }
  if (topic->partitions.size() != present) {
    co_return refuse(ErrorCode::invalid_partitions, "The topic has " + std::to_string(topic->partitions.size()) +
                                                        " partitions by now; look again.");
  }
  if (std::ranges::any_of(topic->partitions, [](const PartitionEntry& one) { return one.reassigning(); })) {
    co_return refuse(ErrorCode::reassignment_in_progress,
                     "The topic is being reassigned; wait until that has ended, or cancel it.");
  }
  TopicEntry grown = *topic;
  for (auto& replicas : added) grown.partitions.emplace_back().replicas = std::move(replicas);
  std::vector<Op> ops;
  ops.push_back(topic_write(grown));
  const auto written = co_await writer_.write(std::move(ops));
  if (!written) co_return failed(written.error());
  if (!written->applied()) {
    co_return refuse(ErrorCode::invalid_partitions, "The topic has changed meanwhile; look again.");
  }
  ++grown.version;
  state_.put_topic(std::move(grown));
  const auto elected = co_await create_states(name);
  if (!elected && !ended()) recheck_.insert({name, PartitionId(0)}), due(Work::recheck);
  co_return std::monostate();
}

}  // namespace barnabas::controller
