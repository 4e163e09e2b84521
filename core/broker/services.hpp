// What handlers may use. One per broker; everything in it outlives every request.
#pragma once

#include <cstdint>
#include <string>

#include "core/async/event.hpp"
#include "core/base/ids.hpp"
#include "core/broker/metadata_cache.hpp"
#include "core/broker/metrics.hpp"
#include "core/broker/request_context.hpp"
#include "core/broker/topic_configs.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"
#include "core/replication/partition_table.hpp"

namespace barnabas::coordinator {
class GroupCoordinator;
}

namespace barnabas::controller {
class Controller;
}

namespace barnabas::metadata {
class LegacyOffsets;
}

namespace barnabas::broker {

class BrokerConfig;
class ControlledBroker;
class Topics;
class ProducerIds;
class GroupTopic;
class FetchSessionCache;
class LowWatermarks;
class ZooKeeperLink;

struct Services {
  env::Env env;
  const metadata::Config& config;
  BrokerConfig& broker_config;
  const Authorizer& authorizer;
  BrokerId self;
  const MetadataCache& metadata;
  const TopicConfigs& topic_configs;
  replication::PartitionTable& partitions;
  replication::ReplicaManager& replicas;
  ControlledBroker& controlled;
  controller::Controller& controller;
  const ZooKeeperLink& zookeeper;
  LowWatermarks& low_watermarks;
  Topics& topics;
  ProducerIds& producer_ids;
  coordinator::GroupCoordinator& groups;
  metadata::LegacyOffsets& legacy_offsets;
  GroupTopic& group_topic;
  FetchSessionCache& fetch_sessions;
  // Bytes of converted batches that answers may hold until they are written.
  Semaphore& conversion_memory;
  Metrics& metrics;
  // Set once the controller has told this broker what there is. Until then only brokers are answered.
  Event& informed;
};

}  // namespace barnabas::broker
