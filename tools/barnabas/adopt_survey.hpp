// What a data directory tells of the topics in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/env/env.hpp"
#include "core/log/data_directory.hpp"
#include "core/metadata/cluster_image.hpp"

namespace barnabas::tools {

using TopicConfigs = std::map<std::string, std::map<std::string, std::string>>;

struct FoundTopic {
  Uuid id;                               // Zero when no partition.metadata says it.
  std::vector<LeaderEpoch> next_epochs;  // For each partition, above all that its log knows.
  std::map<std::string, std::string> config;
};

struct Survey {
  log::MetaProperties identity;
  std::map<std::string, FoundTopic> topics;
  ProducerId next_producer_id{0};  // Above all that the logs know.
};

// Opens every log of the directory, as a start of the broker does: recovers what was not stopped cleanly, and stops it
// cleanly again. given: overrides for topics, in addition to what is known: that the internal topics are compacted, and
// those that Kafka's cleaner has a checkpoint of. Errors, with a remedy: not_found (not a data directory), the log
// manager's, and invalid_argument (partitions are missing, or are of different topic ids; a config is no topic's).
Task<Result<Survey>> survey(env::Env env, std::string data_dir, TopicConfigs given);

}  // namespace barnabas::tools
