// AlterReplicaLogDirs (key 34), versions 0-2.
// Decides: whether the replica is where it is wanted. Moving one between directories is not served yet.
// Versions: 2 flexible.
// Errors: CLUSTER_AUTHORIZATION_FAILED; LOG_DIR_NOT_FOUND for a directory that is not one of log.dirs;
// KAFKA_STORAGE_ERROR
//   for one that is out of service; UNKNOWN_TOPIC_OR_PARTITION; UNSUPPORTED_VERSION where a replica would have to move.
#include <algorithm>

#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

using protocol::AlterReplicaLogDirsRequest;
using protocol::AlterReplicaLogDirsResponse;
using protocol::ErrorCode;

ErrorCode check(const RequestContext& context, std::string_view directory, const TopicPartition& id) {
  if (!context.allowed(Operation::alter, Resource::cluster, kClusterResource)) {
    return ErrorCode::cluster_authorization_failed;
  }
  const std::vector<log::DirectoryStatus> directories = context.services.partitions.directories();
  const auto found = std::ranges::find(directories, directory, &log::DirectoryStatus::data_dir);
  if (found == directories.end()) return ErrorCode::log_dir_not_found;
  if (found->failed) return ErrorCode::kafka_storage_error;
  const auto partition = context.services.partitions.find(id);
  if (!partition || partition->closing()) return ErrorCode::unknown_topic_or_partition;
  const bool there = partition->log().directory() == found->data_dir + "/" + id.to_string();
  return there ? ErrorCode::none : ErrorCode::unsupported_version;
}

}  // namespace

Task<AlterReplicaLogDirsResponse> handle_alter_replica_log_dirs(RequestContext& context,
                                                                AlterReplicaLogDirsRequest request) {
  AlterReplicaLogDirsResponse response;
  for (const auto& directory : request.dirs) {
    for (const auto& topic : directory.topics) {
      auto& row = response.results.emplace_back();
      row.topic_name = topic.name;
      for (const std::int32_t index : topic.partitions) {
        auto& answer = row.partitions.emplace_back();
        answer.partition_index = index;
        answer.error_code = check(context, directory.path, {topic.name.str(), PartitionId(index)});
      }
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
