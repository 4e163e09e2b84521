// What ZooKeeper says of topics without their partitions' states: ids, replicas and configurations. For a broker that
// starts, and for one that is told of a topic.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/async/task.hpp"
#include "core/base/result.hpp"
#include "core/env/env.hpp"
#include "core/metadata/cluster_image.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::metadata {

// The topic's overrides as they are stored; empty when there are none. Errors: the client's; corrupt.
Task<Result<std::map<std::string, std::string>>> load_topic_overrides(zookeeper::Client& client, std::string topic);

// Id, replicas and overrides; the partitions have no leader and no ISR. Nothing when there is no such topic.
Task<Result<std::optional<TopicInfo>>> load_topic_definition(zookeeper::Client& client, std::string topic);

// Of every topic, by name.
Task<Result<std::map<std::string, TopicInfo>>> load_topic_definitions(env::Env env, zookeeper::Client& client);

// How a broker is registered now; nothing when it is not.
Task<Result<std::optional<BrokerInfo>>> load_broker(zookeeper::Client& client, BrokerId id);
// Every registration.
Task<Result<std::map<BrokerId, BrokerInfo>>> load_brokers(zookeeper::Client& client);

}  // namespace barnabas::metadata
