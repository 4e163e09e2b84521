// How a term begins: everything is read, with the watches that tell of changes set before; then what a former
// controller left undone is taken up.
#include "core/async/gather.hpp"
#include "core/controller/term.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::controller {

namespace znode = metadata::znode;

namespace {

constexpr std::int64_t kReadsAtOnce = 100;  // Of the states of one topic.
constexpr std::int64_t kTopicsAtOnce = 20;
// How long a broker that becomes controller waits at its start for its own partitions.
constexpr Duration kFirstContact = std::chrono::minutes(1);

}  // namespace

Task<Result<void>> Term::start_up() {
  watch_ = std::make_unique<ClusterWatch>(context_.env, context_.zookeeper, [this](ClusterWatch::What what) {
    changed(what);
  });
  co_await watch_->known();
  state_.brokers = watch_->brokers();
  incarnations_ = watch_->incarnations();
  const auto configs = watch_->config_changes();
  seen_config_changes_.insert(configs.begin(), configs.end());
  B_CO_TRY_VOID(co_await load_topics());
  co_await probe_all();
  if (ended()) co_return fail(Errc::session_expired, "it was lost while it began");
  for (const std::string& name : watch_->marked_for_deletion()) {
    TopicEntry* topic = state_.topic(name);
    if (topic != nullptr) topic->deleting = true;  // Before anything is elected for it.
  }
  B_CO_TRY_VOID(co_await on_deletions());
  auto changes = settle_all(state_);
  B_CO_TRY_VOID(co_await write_changes(std::move(changes)));
  B_CO_TRY_VOID(co_await create_missing_states());
  for (const auto& [id, broker] : state_.brokers) open_channel(broker);
  scope_.spawn(watch_first_contact());
  info("controller of epoch " + std::to_string(state_.term.epoch) + ": " + std::to_string(state_.brokers.size()) +
       " brokers, " + std::to_string(state_.topics.size()) + " topics");
  // Notices of what is known now are dropped, orders are carried out.
  std::string notices(znode::kIsrChanges);
  auto names = watch_->isr_changes();
  B_CO_TRY_VOID(co_await remove_notifications(std::move(notices), std::move(names)));
  for (const Work work : {Work::brokers, Work::topics, Work::log_dir_events, Work::reassignment_orders,
                          Work::reassignments, Work::preferred_elections}) {
    due(work);
  }
  co_return Result<void>();
}

Task<void> Term::watch_first_contact() {
  co_await until_own_broker_knows(kFirstContact);
  told_self_.set();
}

Task<Result<void>> Term::load_topics() {
  std::vector<Task<Result<void>>> loads;
  for (const std::string& name : watch_->take_changed_topics()) {
    if (watch_->topic(name) != nullptr) loads.push_back(load_topic(name));
  }
  co_return co_await gather(context_.env.executor, std::move(loads), kTopicsAtOnce);
}

// The topic as the watch shows it, with its configuration and the states of its partitions.
Task<Result<void>> Term::load_topic(std::string name) {
  const SeenTopic seen = *watch_->topic(name);
  TopicEntry topic;
  topic.name = name;
  topic.id = seen.info.id;
  topic.version = seen.version;
  topic.watched = true;
  for (const metadata::PartitionInfo& partition : seen.info.partitions) {
    PartitionEntry& entry = topic.partitions.emplace_back();
    entry.replicas = partition.replicas;
    entry.adding = partition.adding_replicas;
    entry.removing = partition.removing_replicas;
  }
  const std::size_t count = topic.partitions.size();
  for (std::size_t i = 0; i < count; ++i) {
    const TopicPartition id{name, PartitionId(static_cast<std::int32_t>(i))};
    if (topic.partitions[i].reassigning()) reassigning_.insert(id);
  }
  state_.put_topic(std::move(topic));
  B_CO_TRY_VOID(co_await load_config(name));
  std::vector<Task<Result<void>>> loads;
  for (std::size_t i = 0; i < count; ++i) {
    const TopicPartition id{name, PartitionId(static_cast<std::int32_t>(i))};
    loads.push_back(load_state(id));
  }
  B_CO_TRY_VOID(co_await gather(context_.env.executor, std::move(loads), kReadsAtOnce));
  if (seen.info.id.is_zero()) co_return co_await give_id(name);
  co_return Result<void>();
}

Task<Result<void>> Term::load_state(TopicPartition id) {
  const std::string path = znode::state_path(id.topic, static_cast<std::size_t>(id.partition.value()));
  const auto node = co_await writer_.read(path);
  if (!node && node.error().code != Errc::not_found) co_return std::unexpected(node.error());
  PartitionEntry* entry = state_.partition(id);
  if (entry == nullptr) co_return Result<void>();
  entry->record.reset();
  entry->partition_epoch = -1;
  if (!node) co_return Result<void>();
  const auto state = znode::decode_state(node->data ? as_text(node->data->view()) : std::string_view());
  if (!state) {
    // Nothing can be decided about it; it stays without a leader until somebody mends or removes the znode.
    warn("znode " + path + ": " + state.error().message);
    co_return Result<void>();
  }
  entry->record = from_znode(*state);
  entry->partition_epoch = node->stat.version;
  entry->controller_epoch = state->controller_epoch;
  co_return Result<void>();
}

Task<Result<void>> Term::load_config(std::string topic) {
  const std::string path = znode::topic_config_path(topic);
  const auto node = co_await writer_.read(path);
  if (!node && node.error().code != Errc::not_found) co_return std::unexpected(node.error());
  TopicEntry* entry = state_.topic(topic);
  if (entry == nullptr) co_return Result<void>();
  entry->config.clear();
  if (node && node->data) {
    auto config = znode::decode_config(as_text(node->data->view()));
    if (config) {
      entry->config = std::move(*config);
    } else {
      warn("znode " + path + ": " + config.error().message);
    }
  }
  entry->policy = policy_of(context_.config, entry->config);
  co_return Result<void>();
}

// Before the first elections: whoever refuses connections is not to be elected, although its session still lasts.
Task<void> Term::probe_all() {
  if (!options_.fast_failover) co_return;
  std::vector<Task<Result<void>>> probes;
  for (const auto& [id, broker] : state_.brokers) {
    if (id != context_.self) probes.push_back(probe_one(broker));
  }
  const auto at_once = static_cast<std::int64_t>(probes.size()) + 1;
  (void)co_await gather(context_.env.executor, std::move(probes), at_once);
  for (const Suspicion& suspicion : std::exchange(suspicions_, {})) judge(suspicion);
}

Task<Result<void>> Term::probe_one(metadata::BrokerInfo broker) {
  const auto at = endpoint_of(broker, options_.inter_broker);
  if (!at) co_return Result<void>();
  const Verdict verdict = co_await probe(context_.env, *at);
  if (verdict == Verdict::refused) suspicions_.push_back({broker.id, broker.epoch, verdict});
  co_return Result<void>();
}

}  // namespace barnabas::controller
