// DescribeLogDirs (key 35), versions 0-4.
// Decides: which partitions are shown. Does not decide: how a directory does (log/log_manager.cpp).
// Versions: 2 flexible; 3 an error for all; 4 room on the volume.
// The whole size of a volume is not known here (-1); the room left on it is. No replica is on its way to another
// directory, and none lags behind.
// Errors: CLUSTER_AUTHORIZATION_FAILED (before version 3: nothing is shown); KAFKA_STORAGE_ERROR for a directory that
// is
//   out of service.
#include <map>
#include <set>

#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using protocol::ErrorCode;
using Shown = DescribeLogDirsResponse::DescribeLogDirsResult;

// Null: every partition.
using Filter = std::optional<std::set<TopicPartition>>;

Filter filter_of(const DescribeLogDirsRequest& request) {
  if (!request.topics) return std::nullopt;
  std::set<TopicPartition> wanted;
  for (const auto& topic : *request.topics) {
    for (const std::int32_t index : topic.partitions) wanted.insert({topic.topic.str(), PartitionId(index)});
  }
  return wanted;
}

void show_partitions(const RequestContext& context, const std::string& data_dir, const Filter& filter, Shown& shown) {
  for (const auto& partition : context.services.partitions.all()) {
    const TopicPartition& id = partition->id();
    if (partition->closing() || (filter && !filter->contains(id))) continue;
    if (partition->log().directory() != data_dir + "/" + id.to_string()) continue;
    if (shown.topics.empty() || shown.topics.back().name.view() != id.topic) {
      shown.topics.emplace_back().name = id.topic;
    }
    auto& row = shown.topics.back().partitions.emplace_back();
    row.partition_index = id.partition.value();
    row.partition_size = partition->log().size_in_bytes();
  }
}

}  // namespace

Task<DescribeLogDirsResponse> handle_describe_log_dirs(RequestContext& context, DescribeLogDirsRequest request) {
  DescribeLogDirsResponse response;
  if (!context.allowed(Operation::describe, Resource::cluster, kClusterResource)) {
    response.error_code = ErrorCode::cluster_authorization_failed;
    co_return response;
  }
  const Filter filter = filter_of(request);
  for (const log::DirectoryStatus& directory : context.services.partitions.directories()) {
    Shown shown;
    shown.log_dir = directory.data_dir;
    if (directory.failed) {
      shown.error_code = ErrorCode::kafka_storage_error;
    } else {
      std::string path = directory.data_dir;
      const Result<std::uint64_t> room = co_await context.services.env.disk.free_space(std::move(path));
      if (room) shown.usable_bytes = static_cast<std::int64_t>(*room);
      show_partitions(context, directory.data_dir, filter, shown);
    }
    response.results.push_back(std::move(shown));
  }
  co_return response;
}

}  // namespace barnabas::broker
