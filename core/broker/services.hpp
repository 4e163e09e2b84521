// What handlers may use. One per broker; everything in it outlives every request.
#pragma once

#include <cstdint>
#include <string>

#include "core/async/event.hpp"
#include "core/base/ids.hpp"
#include "core/broker/metrics.hpp"
#include "core/broker/request_context.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"
#include "core/replication/partition_table.hpp"

namespace barnabas::coordinator {
class GroupCoordinator;
}

namespace barnabas::metadata {
class LegacyOffsets;
}

namespace barnabas::broker {

class BrokerConfig;
class Topics;
class ProducerIds;
class GroupTopic;
class FetchSessionCache;

struct Services {
  env::Env env;
  const metadata::Config& config;
  BrokerConfig& broker_config;
  const Authorizer& authorizer;
  BrokerId self;
  replication::PartitionTable& partitions;
  Topics& topics;
  ProducerIds& producer_ids;
  coordinator::GroupCoordinator& groups;
  metadata::LegacyOffsets& legacy_offsets;
  GroupTopic& group_topic;
  FetchSessionCache& fetch_sessions;
  // Bytes of converted batches that answers may hold until they are written.
  Semaphore& conversion_memory;
  Metrics& metrics;
};

}  // namespace barnabas::broker
