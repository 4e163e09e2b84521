// M2: asks one broker for its metadata, until it tells what ZooKeeper holds or patience is over.
#pragma once

#include <string>

#include "core/env/env.hpp"
#include "sim/oracle/cluster_oracle.hpp"

namespace barnabas::sim {

// Brokers, topics, leaders with their epochs, replicas, ISRs. Errors name the first difference.
Task<Result<void>> told_as_stored(env::Env env, std::string broker, const ClusterOracle& oracle);

}  // namespace barnabas::sim
