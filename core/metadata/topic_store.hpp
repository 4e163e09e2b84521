// Kafka's znode layout as typed reads and writes over a ZooKeeper session.
//
// Paths, JSON and the order of writes are Kafka 3.9's, so that Kafka's own tools and brokers understand what
// is written here, and the reverse. Errors are the client's (zookeeper/client.hpp: refused and unknown are
// different), and `corrupt` for a payload that is not what its path promises.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/async/task.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/base/uuid.hpp"
#include "core/metadata/cluster_image.hpp"
#include "core/metadata/topic_rules.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::metadata {

// Who is controller. Writes that only the controller may do are fenced by the version of /controller_epoch:
// they are refused with bad_version once another controller was elected.
struct Controllership {
  BrokerId controller = kNoBroker;
  std::int32_t epoch = 0;          // Content of /controller_epoch.
  std::int32_t epoch_version = 0;  // Version of /controller_epoch.
};

struct NewTopic {
  std::string name;
  Uuid id;  // From env::Random; not zero.
  Assignment assignment;
  std::map<std::string, std::string> config;
};

// What /brokers/topics/<t>/partitions/<n>/state holds.
struct PartitionState {
  BrokerId leader = kNoBroker;
  LeaderEpoch leader_epoch{0};
  std::vector<BrokerId> isr;
  std::int32_t controller_epoch = 0;
  // Ours, beside Kafka's (controller/partition_rules.hpp): the incarnation of each in `isr`, who is eligible to lead
  // although not in it, and the incarnation of each of those. Lists of incarnations are as long as theirs, or empty
  // (Kafka's controller wrote it): then each is 0.
  std::vector<std::uint64_t> isr_incarnations{};
  std::vector<BrokerId> eligible{};
  std::vector<std::uint64_t> eligible_incarnations{};

  bool operator==(const PartitionState&) const = default;
};

// first .. first+count-1.
struct ProducerIdBlock {
  ProducerId first;
  std::int32_t count = 0;
};
inline constexpr std::int32_t kProducerIdBlockSize = 1000;

class TopicStore {
 public:
  // The client must outlive this.
  explicit TopicStore(zookeeper::Client& client) : client_(client) {}

  // The znodes every Kafka broker creates at start, in Kafka's order; those that exist are left alone.
  Task<Result<void>> create_layout();

  // The cluster's id: candidate if this is the first broker ever, else the one stored.
  Task<Result<std::string>> ensure_cluster_id(std::string candidate);

  // A broker id for one that has none (broker.id=-1): reserved_max + 1, + 2, ... each handed out once.
  Task<Result<BrokerId>> generate_broker_id(std::int32_t reserved_max);

  // Registers the broker as an ephemeral of this session, together with its incarnation if that is another one than
  // the last time (/barnabas/incarnations), and gives its epoch, the czxid. A registration left by this
  // same session is replaced (the reply to an earlier attempt was lost), and so is one of `former`, a session of this
  // broker that is over and whose znodes may not be removed yet; already_exists, which names the remedy, when it
  // belongs to another session, that is a live broker with the same id.
  Task<Result<std::int64_t>> register_broker(BrokerInfo broker, Timestamp now,
                                             zookeeper::SessionId former = zookeeper::kNoSession);

  // Tries to become controller: creates /controller and raises /controller_epoch in one step. The result says
  // who is controller afterwards: this broker, or the one that came first.
  Task<Result<Controllership>> elect_controller(BrokerId candidate, Timestamp now);

  // not_found when there is none. A partition without a state znode has no leader yet.
  Task<Result<TopicInfo>> load_topic(std::string name);

  // Creates the topic whole, in one multi: config, assignment, and a state for each partition with its
  // preferred replica as leader, epoch 0, and all replicas in sync. already_exists; bad_version when fenced;
  // invalid_argument for a name or an assignment against topic_rules.hpp.
  Task<Result<TopicInfo>> create_topic(NewTopic topic, Controllership controllership);

  // Writes config and topic as a broker does that is no controller: not fenced, without states; the controller takes it
  // up by its watch and elects leaders. already_exists; invalid_argument as create_topic.
  Task<Result<void>> propose_topic(NewTopic topic);

  // Replaces the topic's config overrides and writes the notification that other brokers watch.
  Task<Result<void>> set_topic_config(std::string name, std::map<std::string, std::string> config);

  // What is set at run time for one broker, or, without an id, for all of them. Nothing set is an empty map.
  Task<Result<std::map<std::string, std::string>>> load_broker_config(std::optional<BrokerId> broker);
  // Replaces it and writes the notification that other brokers watch.
  Task<Result<void>> set_broker_config(std::optional<BrokerId> broker, std::map<std::string, std::string> config);

  // Writes a partition's state if it still has partition_epoch; the new partition epoch. bad_version when
  // fenced or changed meanwhile.
  Task<Result<std::int32_t>> write_partition_state(TopicPartition partition, PartitionState state,
                                                   std::int32_t partition_epoch, Controllership controllership);

  // Takes the next block of producer ids. No two calls, by any broker, get overlapping ones; a block whose
  // reply is lost is skipped.
  Task<Result<ProducerIdBlock>> allocate_producer_ids(BrokerId broker);

 private:
  Task<Result<void>> create_missing(std::vector<zookeeper::CreateOp> wanted);
  Task<Result<void>> load_partitions(TopicInfo& topic);
  // Adds what notes the broker's incarnation, if it is not noted yet.
  Task<Result<void>> note_incarnation(const BrokerInfo& broker, std::vector<zookeeper::Op>& ops);
  // entity: "topics/orders". The data of its znode, which is made if it is missing, and the notification.
  Task<Result<void>> write_config(std::string entity, std::map<std::string, std::string> config);
  // The data as text; empty when the znode is missing or holds null.
  Task<Result<std::optional<std::string>>> read_text(std::string path);
  Task<Result<std::optional<Controllership>>> present_controller();
  Task<Result<Controllership>> read_controller_epoch();

  zookeeper::Client& client_;
};

}  // namespace barnabas::metadata
