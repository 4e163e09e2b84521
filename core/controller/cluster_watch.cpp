#include "core/controller/cluster_watch.hpp"

#include <algorithm>
#include <charconv>

#include "core/metadata/znode_json.hpp"

namespace barnabas::controller {

namespace znode = metadata::znode;

// One registration. The reader goes before what it reads.
struct ClusterWatch::BrokerNode {
  BrokerNode(env::Env env, zookeeper::Client& client, BrokerId named)
      : id(named), current(env, client, znode::broker_path(named)), scope(env.executor) {}
  BrokerId id;
  bool seen = false;
  std::optional<metadata::BrokerInfo> broker;
  zookeeper::CurrentNode current;
  Scope scope;
};

struct ClusterWatch::TopicNode {
  TopicNode(env::Env env, zookeeper::Client& client, const std::string& name)
      : current(env, client, znode::topic_path(name)), scope(env.executor) {}
  bool seen = false;
  std::optional<SeenTopic> topic;
  zookeeper::CurrentNode current;
  Scope scope;
};

namespace {

std::optional<BrokerId> broker_id(const std::string& name) {
  std::int32_t id = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc() || stop != name.data() + name.size()) return std::nullopt;
  return BrokerId(id);
}

std::string_view text_of(const zookeeper::NodeData& node) {
  return node.data ? as_text(node.data->view()) : std::string_view();
}

std::string path(std::string_view text) { return std::string(text); }

}  // namespace

ClusterWatch::ClusterWatch(env::Env env, zookeeper::Client& client, std::function<void(What)> changed)
    : env_(env),
      client_(client),
      changed_(std::move(changed)),
      progress_(env.executor),
      broker_ids_(env, client, path(znode::kBrokerIds)),
      topic_names_(env, client, path(znode::kTopics)),
      deletions_(env, client, path(znode::kDeleteTopics)),
      config_changes_(env, client, path(znode::kConfigChanges)),
      log_dir_events_(env, client, path(znode::kLogDirEvents)),
      isr_changes_(env, client, path(znode::kIsrChanges)),
      incarnations_(env, client, path(znode::kIncarnations)),
      reassignments_(env, client, path(znode::kReassignPartitions)),
      preferred_(env, client, path(znode::kPreferredElection)),
      scope_(env.executor) {
  scope_.spawn(follow_list(broker_ids_, What::brokers));
  scope_.spawn(follow_list(topic_names_, What::topics));
  scope_.spawn(follow(deletions_, What::deletions));
  scope_.spawn(follow(config_changes_, What::config_changes));
  scope_.spawn(follow(log_dir_events_, What::log_dir_events));
  scope_.spawn(follow(isr_changes_, What::isr_changes));
  scope_.spawn(follow(incarnations_, What::brokers));
  scope_.spawn(follow(reassignments_, What::reassignments));
  scope_.spawn(follow(preferred_, What::preferred_elections));
}

ClusterWatch::~ClusterWatch() = default;

void ClusterWatch::tell(What what) {
  progress_.notify_all();
  changed_(what);
}

template <class T>
Task<void> ClusterWatch::follow(zookeeper::Current<T>& current, What what) {
  while (true) {
    if (current.known()) tell(what);
    co_await current.changed();
  }
}

Task<void> ClusterWatch::follow_list(zookeeper::CurrentChildren& list, What what) {
  while (true) {
    if (list.known()) {
      if (what == What::brokers) sync_brokers();
      if (what == What::topics) sync_topics();
      nodes_made_.insert(what);
      tell(what);
    }
    co_await list.changed();
  }
}

void ClusterWatch::sync_brokers() {
  std::set<BrokerId> listed;
  for (const std::string& name : names(broker_ids_)) {
    if (const auto id = broker_id(name)) listed.insert(*id);
  }
  std::erase_if(brokers_, [&](const auto& entry) { return !listed.contains(entry.first); });
  for (const BrokerId id : listed) {
    auto& node = brokers_[id];
    if (node) continue;
    node = std::make_unique<BrokerNode>(env_, client_, id);
    node->scope.spawn(follow_broker(*node));
  }
}

void ClusterWatch::sync_topics() {
  const auto listed = names(topic_names_);
  const std::set<std::string> present(listed.begin(), listed.end());
  std::erase_if(topics_, [&](const auto& entry) {
    if (present.contains(entry.first)) return false;
    if (!entry.second->seen) --unseen_topics_;
    changed_topics_.insert(entry.first);
    return true;
  });
  for (const std::string& name : listed) {
    auto& node = topics_[name];
    if (node) continue;
    node = std::make_unique<TopicNode>(env_, client_, name);
    ++unseen_topics_;
    node->scope.spawn(follow_topic(name, *node));
  }
}

Task<void> ClusterWatch::follow_broker(BrokerNode& node) {
  while (true) {
    if (node.current.known()) {
      node.seen = true;
      node.broker.reset();
      if (const auto& seen = node.current.value(); seen && seen->data) {
        auto broker = znode::decode_broker(node.id, text_of(*seen));
        if (broker) {
          broker->epoch = seen->stat.czxid.value();
          node.broker = std::move(*broker);
        } else {
          warn("the registration of broker " + std::to_string(node.id.value()) +
               " cannot be read: " + broker.error().message);
        }
      }
      tell(What::brokers);
    }
    co_await node.current.changed();
  }
}

Task<void> ClusterWatch::follow_topic(std::string name, TopicNode& node) {
  while (true) {
    if (node.current.known()) {
      if (!std::exchange(node.seen, true)) --unseen_topics_;
      node.topic.reset();
      if (const auto& seen = node.current.value()) {
        auto topic = znode::decode_topic(name, text_of(*seen));
        if (topic) {
          node.topic = SeenTopic{std::move(*topic), seen->stat.version};
        } else {
          warn("the znode of topic " + name + " cannot be read: " + topic.error().message);
        }
      }
      changed_topics_.insert(name);
      tell(What::topics);
    }
    co_await node.current.changed();
  }
}

bool ClusterWatch::all_known() const {
  for (const auto* list :
       {&broker_ids_, &topic_names_, &deletions_, &config_changes_, &log_dir_events_, &isr_changes_}) {
    if (!list->known()) return false;
  }
  if (!reassignments_.known() || !preferred_.known() || !incarnations_.known()) return false;
  if (!nodes_made_.contains(What::brokers) || !nodes_made_.contains(What::topics) || unseen_topics_ > 0) return false;
  return std::ranges::all_of(brokers_, [](const auto& entry) { return entry.second->seen; });
}

Task<void> ClusterWatch::known() {
  while (!all_known()) co_await progress_.wait();
}

Registrations ClusterWatch::brokers() const {
  metadata::Incarnations noted;
  if (const auto& node = incarnations_.value()) {
    noted = znode::decode_incarnations(text_of(*node)).value_or(metadata::Incarnations());
  }
  Registrations result;
  for (const auto& [id, node] : brokers_) {
    if (!node->broker) continue;
    const auto found = noted.find(id);
    const bool former = found != noted.end() && node->broker->incarnation != 0 &&
                        found->second != node->broker->incarnation;
    if (!former) result[id] = *node->broker;
  }
  return result;
}

std::optional<std::int32_t> ClusterWatch::incarnations() const {
  const auto& node = incarnations_.value();
  return node ? std::optional(node->stat.version) : std::nullopt;
}

Task<void> ClusterWatch::incarnations_after(std::int32_t version) {
  while (incarnations() == version) co_await progress_.wait();
}

std::set<std::string> ClusterWatch::take_changed_topics() { return std::exchange(changed_topics_, {}); }

const SeenTopic* ClusterWatch::topic(const std::string& name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() || !found->second->topic ? nullptr : &*found->second->topic;
}

std::vector<std::string> ClusterWatch::names(const zookeeper::CurrentChildren& list) const {
  return list.known() && list.value() ? list.value()->names : std::vector<std::string>();
}

}  // namespace barnabas::controller
