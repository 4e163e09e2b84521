// What Kafka's znodes hold: paths, and payloads as JSON, both ways. Kafka 3.9's versions are written; older ones
// that a cluster may still hold are read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/metadata/cluster_image.hpp"
#include "core/metadata/topic_store.hpp"
#include "core/zookeeper/types.hpp"

namespace barnabas::metadata::znode {

inline constexpr std::string_view kBrokerIds = "/brokers/ids";
inline constexpr std::string_view kTopics = "/brokers/topics";
inline constexpr std::string_view kTopicConfigs = "/config/topics";
inline constexpr std::string_view kConfigChanges = "/config/changes";
inline constexpr std::string_view kDeleteTopics = "/admin/delete_topics";
inline constexpr std::string_view kReassignPartitions = "/admin/reassign_partitions";
inline constexpr std::string_view kPreferredElection = "/admin/preferred_replica_election";
inline constexpr std::string_view kIsrChanges = "/isr_change_notification";
inline constexpr std::string_view kLogDirEvents = "/log_dir_event_notification";
inline constexpr std::string_view kBrokerSequence = "/brokers/seqid";
inline constexpr std::string_view kProducerIdBlock = "/latest_producer_id_block";
inline constexpr std::string_view kController = "/controller";
inline constexpr std::string_view kControllerEpoch = "/controller_epoch";
inline constexpr std::string_view kClusterId = "/cluster/id";
// Ours; Kafka looks into nothing of this name.
inline constexpr std::string_view kIncarnations = "/barnabas/incarnations";

std::string broker_path(BrokerId id);
std::string topic_path(std::string_view topic);
std::string partitions_path(std::string_view topic);
std::string partition_path(std::string_view topic, std::size_t partition);
std::string state_path(std::string_view topic, std::size_t partition);
std::string topic_config_path(std::string_view topic);
// entity: "topics/orders", "brokers/1", "brokers/<default>".
std::string config_path(std::string_view entity);
std::string delete_topic_path(std::string_view topic);

// Decoders fail with corrupt, whatever the bytes; callers add the path.

// /brokers/ids/<id>, version 5, with the incarnation beside Kafka's keys. Reads 1 to 5.
std::string encode_broker(const BrokerInfo& broker, Timestamp now);
Result<BrokerInfo> decode_broker(BrokerId id, std::string_view json);

// /barnabas/incarnations: of every broker that ever registered with one. Reads null and "" as none.
std::string encode_incarnations(const Incarnations& incarnations);
Result<Incarnations> decode_incarnations(std::string_view json);

// /brokers/topics/<t>, version 3: id, replicas, adding and removing ones. Reads 1 to 3; the name is not in it.
std::string encode_topic(const TopicInfo& topic);
Result<TopicInfo> decode_topic(std::string_view name, std::string_view json);

// .../partitions/<n>/state, version 1, with keys of ours where they say something.
std::string encode_state(const PartitionState& state);
Result<PartitionState> decode_state(std::string_view json);

// /config/<type>/<name>, version 1.
std::string encode_config(const std::map<std::string, std::string>& config);
Result<std::map<std::string, std::string>> decode_config(std::string_view json);

// /config/changes/config_change_, version 2.
std::string encode_config_change(std::string_view entity_path);

Result<std::string> decode_config_change(std::string_view json);  // "topics/orders"

// /admin/reassign_partitions: where the replicas of each partition are to be, as external tools write it.
Result<std::map<TopicPartition, std::vector<BrokerId>>> decode_reassignment(std::string_view json);
// /admin/preferred_replica_election and /isr_change_notification/*: partitions.
Result<std::vector<TopicPartition>> decode_partitions(std::string_view json);
// /log_dir_event_notification/*: the broker that has lost a log directory.
Result<BrokerId> decode_log_dir_event(std::string_view json);

// /controller, version 2. Reads 1 and 2; only who it is.
std::string encode_controller(BrokerId broker, Timestamp now);
Result<BrokerId> decode_controller(std::string_view json);

// /cluster/id, whose version is a string.
std::string encode_cluster_id(std::string_view id);
Result<std::string> decode_cluster_id(std::string_view json);

// /latest_producer_id_block, version 1; numbers are strings, the end is included.
std::string encode_producer_id_block(BrokerId broker, ProducerIdBlock block);
Result<ProducerIdBlock> decode_producer_id_block(std::string_view json);

}  // namespace barnabas::metadata::znode
