// What others change in ZooKeeper and a controller reacts to: registrations, topics, and the orders of tools. Kept up
// to date by watches that are set with the reads, so nothing falls between (recipes/current.hpp).
//
// Tells that something changed; what it shows then is the newest that was read. It may lag, and it may never show what
// was there only for a moment.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/controller/decisions.hpp"
#include "core/zookeeper/recipes/current.hpp"

namespace barnabas::controller {

struct SeenTopic {
  metadata::TopicInfo info;  // Id, replicas, adding and removing ones.
  std::int32_t version = 0;
};

class ClusterWatch {
 public:
  enum class What : std::uint8_t {
    brokers,
    topics,
    deletions,
    reassignments,
    preferred_elections,
    config_changes,
    log_dir_events,
    isr_changes,
  };
  // changed: called outside of every call of this class. Both outlive this.
  ClusterWatch(env::Env env, zookeeper::Client& client, std::function<void(What)> changed);
  ~ClusterWatch();
  ClusterWatch(const ClusterWatch&) = delete;
  ClusterWatch& operator=(const ClusterWatch&) = delete;

  // Everything was read once.
  Task<void> known();

  // Those whose znode can be read, and whose incarnation is the one that is noted: a registration that is left of a
  // former life of the logs is none.
  Registrations brokers() const;
  // The version of the noted incarnations that brokers() has heeded; nothing: none are noted.
  std::optional<std::int32_t> incarnations() const;
  // Until there is another one.
  Task<void> incarnations_after(std::int32_t version);
  // Topics whose znodes changed or vanished since the last call.
  std::set<std::string> take_changed_topics();
  // Null when it does not exist, or holds what is no topic.
  const SeenTopic* topic(const std::string& name) const;
  std::vector<std::string> marked_for_deletion() const { return names(deletions_); }
  std::vector<std::string> config_changes() const { return names(config_changes_); }
  std::vector<std::string> log_dir_events() const { return names(log_dir_events_); }
  std::vector<std::string> isr_changes() const { return names(isr_changes_); }
  // Nothing: it does not exist.
  std::optional<zookeeper::NodeData> reassignments() const { return reassignments_.value(); }
  std::optional<zookeeper::NodeData> preferred_elections() const { return preferred_.value(); }

 private:
  struct BrokerNode;
  struct TopicNode;

  std::vector<std::string> names(const zookeeper::CurrentChildren& list) const;
  template <class T>
  Task<void> follow(zookeeper::Current<T>& current, What what);
  Task<void> follow_list(zookeeper::CurrentChildren& list, What what);
  Task<void> follow_broker(BrokerNode& node);
  Task<void> follow_topic(std::string name, TopicNode& node);
  void sync_brokers();
  void sync_topics();
  bool all_known() const;
  void tell(What what);
  void warn(const std::string& line) const { env_.logger.log(env::LogLevel::warn, "controller", line); }

  env::Env env_;
  zookeeper::Client& client_;
  std::function<void(What)> changed_;
  Notification progress_;
  zookeeper::CurrentChildren broker_ids_;
  zookeeper::CurrentChildren topic_names_;
  zookeeper::CurrentChildren deletions_;
  zookeeper::CurrentChildren config_changes_;
  zookeeper::CurrentChildren log_dir_events_;
  zookeeper::CurrentChildren isr_changes_;
  zookeeper::CurrentNode incarnations_;
  zookeeper::CurrentNode reassignments_;
  zookeeper::CurrentNode preferred_;
  std::map<BrokerId, std::unique_ptr<BrokerNode>> brokers_;
  std::map<std::string, std::unique_ptr<TopicNode>> topics_;
  std::set<std::string> changed_topics_;
  std::set<What> nodes_made_;  // The lists whose znodes are being watched, too.
  std::size_t unseen_topics_ = 0;
  Scope scope_;  // Last: its tasks use the rest.
};

}  // namespace barnabas::controller
