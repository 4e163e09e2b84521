// The topics of a broker that is alone in its cluster and therefore its controller: which exist, their creation
// and deletion, and the partitions and logs that follow from them.
//
// ZooKeeper is the truth: a topic is there once its znodes are durable, and gone once it is marked for deletion.
// A change is answered when it is durable and its partitions follow it; a crash in between is made good by
// open_all(), an error in between by the next change of the same topic. Changes run one at a time, in this object's
// own scope: a connection that dies cancels none.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/metadata/cluster_image.hpp"
#include "core/metadata/config.hpp"
#include "core/metadata/config_change.hpp"
#include "core/metadata/topic_config.hpp"
#include "core/metadata/topic_store.hpp"
#include "core/protocol/api_error.hpp"
#include "core/replication/partition_table.hpp"

namespace barnabas::broker {

// Largest number of partitions that one broker hosts; each costs memory and open files.
inline constexpr std::size_t kMaxPartitions = 100'000;

using protocol::ApiError;
using protocol::ApiResult;

struct TopicRequest {
  std::string name;
  std::int32_t partitions = -1;          // -1: num.partitions.
  std::int32_t replication_factor = -1;  // -1: default.replication.factor.
  // Set by a client that says where the replicas go; then the two above are -1.
  std::vector<std::int32_t> manual_partitions;
  metadata::Assignment manual_replicas;
  std::map<std::string, std::string> config;
};

// More partitions for a topic.
struct GrowthRequest {
  std::string name;
  std::int32_t count = 0;                       // The new number of partitions.
  std::optional<metadata::Assignment> manual;  // Where the new ones go, if the client says so.
};

class Topics {
 public:
  // All of these outlive this.
  Topics(env::Env env, const metadata::Config& config, metadata::TopicStore& store,
         replication::PartitionTable& partitions, BrokerId self, metadata::Controllership controllership,
         metadata::ClusterImage image);

  // Finishes deletions that were begun; opens or makes the log of every partition.
  Task<Result<void>> open_all();

  // What is served now. Brokers, cluster id and controller are those of the image given at the start.
  const metadata::ClusterImage& image() const { return image_; }
  // The topic's effective configuration; the broker's for a topic that is not there.
  const metadata::TopicConfig& config_of(std::string_view topic) const;

  // What create() would do, without doing it: the topic to be, with a zero id.
  ApiResult<metadata::TopicInfo> plan(const TopicRequest& request) const;
  // Durable, with leaders and logs, when this returns.
  Task<ApiResult<metadata::TopicInfo>> create(TopicRequest request);
  // What grow() would do, without doing it: the replicas of the new partitions.
  ApiResult<metadata::Assignment> plan_growth(const GrowthRequest& request) const;
  // Durable, with leaders and logs, when this returns.
  Task<ApiResult<std::monostate>> grow(GrowthRequest request);
  // Changes the topic's overrides; they are durable and in force when this returns. validate_only: only says what it
  // would say.
  Task<ApiResult<std::monostate>> alter_config(std::string name, metadata::ConfigEdit edit, bool validate_only);
  // The broker's configuration has changed, and with it that of every topic.
  void broker_config_changed();
  // DeleteRecords: nothing below the offset is readable any more; kToHighWatermark means all that is committed. Gives
  // the new log start of each partition, durable when this returns, in the order of the list.
  static constexpr Offset kToHighWatermark{-1};
  using Cut = std::pair<TopicPartition, Offset>;
  Task<std::vector<ApiResult<Offset>>> delete_records(std::vector<Cut> cuts);
  // Durable, and the logs are gone, when this returns.
  Task<ApiResult<std::monostate>> remove(std::string name);
  // The topic; created, with the broker's defaults, when it is not there. Callers that ask for the same topic at
  // the same time share one creation.
  Task<ApiResult<metadata::TopicInfo>> ensure(std::string name);

  // Refuses further changes and waits for those under way.
  Task<void> stop();

 private:
  Task<ApiResult<metadata::TopicInfo>> create_in_turn(TopicRequest request, bool must_be_new);
  Task<ApiResult<std::monostate>> remove_in_turn(std::string name);
  Task<ApiResult<std::monostate>> grow_in_turn(GrowthRequest request);
  Task<ApiResult<std::monostate>> alter_config_in_turn(std::string name, metadata::ConfigEdit edit, bool validate_only);
  // Lets the topic's logs and readers follow its overrides.
  void apply_config(const metadata::TopicInfo& topic);
  Task<std::vector<ApiResult<Offset>>> delete_records_in_turn(std::vector<Cut> cuts);
  Task<ApiResult<Offset>> delete_records_of(Cut cut);
  // Finishes what an earlier change of this topic left half-done. Whether there was something.
  Task<ApiResult<bool>> settle(std::string name);
  // Makes the topic's partitions follow its znodes.
  Task<Result<void>> open_stored(std::string name);
  Task<Result<void>> finish_deletion(std::string name);
  Task<Result<void>> open_partitions(metadata::TopicInfo topic);
  Task<Result<void>> remove_partitions(std::string name, std::size_t count);
  void serve(metadata::TopicInfo topic);
  TopicRequest automatic(std::string name) const;

  env::Env env_;
  const metadata::Config& config_;
  metadata::TopicStore& store_;
  replication::PartitionTable& partitions_;
  BrokerId self_;
  metadata::Controllership controllership_;
  metadata::ClusterImage image_;
  metadata::ClusterImage stored_;  // As loaded at the start; topics move to image_ when they are open.
  // Topics whose znodes are ahead of what is served, because a change failed after it had written them.
  enum class Unfinished : std::uint8_t { opening, deletion };
  std::map<std::string, Unfinished, std::less<>> unfinished_;
  metadata::TopicConfig broker_defaults_;
  std::map<std::string, metadata::TopicConfig, std::less<>> configs_;
  bool stopping_ = false;
  Semaphore turn_;
  Scope scope_;  // Last: destroyed first.
};

// What the log is told of a topic's configuration.
log::LogConfig log_config(const metadata::TopicConfig& topic, const metadata::Config& broker);

}  // namespace barnabas::broker
