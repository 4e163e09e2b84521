// The wishes of clients about topics: what is legal and where replicas go is decided here, what is done about it by the
// controller. Creation, growth and deletion go to the controller in this process; on any other broker they are refused
// with NOT_CONTROLLER, as in Kafka, and the client asks the controller. Configurations, and topics that come into being
// because somebody asked for them, are written to ZooKeeper by any broker.
//
// What is there, leads and lives is in metadata_cache.hpp. Changes run one at a time, in this object's own scope: a
// connection that dies cancels none. An answer waits until this broker's own metadata shows the change, so that whoever
// asks next sees it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/broker/low_watermarks.hpp"
#include "core/broker/metadata_cache.hpp"
#include "core/broker/topic_configs.hpp"
#include "core/controller/controller.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"
#include "core/metadata/config_change.hpp"
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
  std::int32_t count = 0;                      // The new number of partitions.
  std::optional<metadata::Assignment> manual;  // Where the new ones go, if the client says so.
};

class Topics {
 public:
  // All of these outlive this.
  Topics(env::Env env, const metadata::Config& config, const MetadataCache& metadata, TopicConfigs& configs,
         metadata::TopicStore& store, zookeeper::Client& zookeeper, controller::Controller& controller,
         replication::PartitionTable& partitions, LowWatermarks& low_watermarks, BrokerId self);

  // What create() would do, without doing it: the topic to be, with a zero id.
  ApiResult<metadata::TopicInfo> plan(const TopicRequest& request) const;
  // Durable when this returns, and this broker's metadata show its leaders; REQUEST_TIMED_OUT when they do not within
  // `patience`.
  Task<ApiResult<metadata::TopicInfo>> create(TopicRequest request, Duration patience);
  // What grow() would do, without doing it: the replicas of the new partitions.
  ApiResult<metadata::Assignment> plan_growth(const GrowthRequest& request) const;
  // As create().
  Task<ApiResult<std::monostate>> grow(GrowthRequest request, Duration patience);
  // Marked durably when this returns, and gone from this broker's metadata; REQUEST_TIMED_OUT when it is not within
  // `patience`. Its znodes and logs follow, and are waited for a little.
  Task<ApiResult<std::monostate>> remove(std::string name, Duration patience);
  // The topic, with its leaders; created, with the broker's defaults, when it is not there. Callers that ask for the
  // same topic at the same time share one creation. LEADER_NOT_AVAILABLE when the controller has not taken it up soon.
  Task<ApiResult<metadata::TopicInfo>> ensure(std::string name);

  // The topic's overrides as ZooKeeper has them now. UNKNOWN_TOPIC_OR_PARTITION.
  Task<ApiResult<metadata::Overrides>> overrides_of(std::string name);
  // Changes the topic's overrides; they are durable, and in force here, when this returns. validate_only: only says
  // what it would say.
  Task<ApiResult<std::monostate>> alter_config(std::string name, metadata::ConfigEdit edit, bool validate_only);

  // DeleteRecords, of partitions that this broker leads: nothing below the offset is readable any more;
  // kToHighWatermark means all that is committed. Gives the low watermark of each partition, the least log start of its
  // live replicas, in the order of the list; durable here when this returns. REQUEST_TIMED_OUT when the replicas have
  // not followed within `patience`.
  static constexpr Offset kToHighWatermark{-1};
  using Cut = std::pair<TopicPartition, Offset>;
  Task<std::vector<ApiResult<Offset>>> delete_records(std::vector<Cut> cuts, Duration patience);

  // Refuses further changes and waits for those under way.
  Task<void> stop();

 private:
  Task<ApiResult<metadata::TopicInfo>> create_in_turn(TopicRequest request);
  Task<ApiResult<std::monostate>> grow_in_turn(GrowthRequest request);
  Task<ApiResult<std::monostate>> remove_in_turn(std::string name);
  Task<ApiResult<metadata::TopicInfo>> ensure_in_turn(std::string name);
  Task<ApiResult<std::monostate>> alter_config_in_turn(std::string name, metadata::ConfigEdit edit, bool validate_only);
  Task<std::vector<ApiResult<Offset>>> delete_records_now(std::vector<Cut> cuts);
  Task<ApiResult<Offset>> delete_records_of(Cut cut);
  Task<void> await_replicas(const std::vector<TopicPartition>& ids, Instant deadline,
                            std::vector<ApiResult<Offset>>& answers);
  // Waits a little until the name may be used again.
  Task<void> await_znode_gone(std::string name, Instant deadline);
  metadata::NewTopic new_topic(const metadata::TopicInfo& planned) const;
  // How the broker makes a topic by itself.
  TopicRequest automatic(std::string name) const;
  std::int32_t default_replication_factor() const;
  metadata::Racks racks() const;
  // Why a topic may not have these replicas.
  std::optional<ApiError> too_few_replicas(const metadata::Assignment& assignment) const;
  std::optional<ApiError> too_many_partitions(const metadata::Assignment& assignment) const;

  env::Env env_;
  const metadata::Config& config_;
  const MetadataCache& metadata_;
  TopicConfigs& configs_;
  metadata::TopicStore& store_;
  zookeeper::Client& zookeeper_;
  controller::Controller& controller_;
  replication::PartitionTable& partitions_;
  LowWatermarks& low_watermarks_;
  BrokerId self_;
  bool stopping_ = false;
  Semaphore turn_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
