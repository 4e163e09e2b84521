// What handlers may use. One per broker; everything in it outlives every request.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/ids.hpp"
#include "core/broker/request_context.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"
#include "core/replication/partition_table.hpp"

namespace barnabas::coordinator {
class GroupCoordinator;
}

namespace barnabas::broker {

class Topics;
class ProducerIds;
class GroupTopic;

struct Services {
  env::Env env;
  const metadata::Config& config;
  const Authorizer& authorizer;
  BrokerId self;
  std::size_t max_request_bytes;
  replication::PartitionTable& partitions;
  Topics& topics;
  ProducerIds& producer_ids;
  coordinator::GroupCoordinator& groups;
  GroupTopic& group_topic;
};

}  // namespace barnabas::broker
