// E3 and E4: asks one broker where the leader epochs of the partitions it leads ended, and compares with the batches
// that are on its disk.
#pragma once

#include <string>

#include "core/env/env.hpp"
#include "sim/oracle/cluster_oracle.hpp"

namespace barnabas::sim {

// host: its name on the network. Asks for the last epochs of every partition that it leads, until the answers agree or
// patience is over. Compacted partitions are left out: of what compaction removed the log tells no epoch any more.
// Errors name the first difference.
Task<Result<void>> epoch_ends_as_in_log(env::Env env, std::string host, std::int32_t broker,
                                        const ClusterOracle& oracle);

}  // namespace barnabas::sim
