#include "core/broker/api_table.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>

#include "core/broker/encode_answer.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/protocol/frame.hpp"

namespace barnabas::broker {
namespace {

// More is decoded away from the loop: a hundred megabytes of small things take hundreds of milliseconds.
constexpr std::size_t kDecodedAtOnce = 256 * 1024;

// Owns what it works on: it may run when the request is gone.
template <class Request>
struct Decoding {
  void run() { result = protocol::decode<Request>(body.view(), version); }

  Buffer body;
  std::int16_t version = 0;
  Result<Request> result;
};

template <class Request>
Task<Result<Request>> decode_away(env::Offload& offload, Buffer body, std::int16_t version) {
  auto job = std::make_shared<Decoding<Request>>();
  job->body = std::move(body);
  job->version = version;
  std::function<void()> work = [job] { job->run(); };
  co_await offload.run(std::move(work));
  co_return std::move(job->result);
}

// Between bytes and a handler that takes and gives messages.
template <class Request, class Response, Task<Response> (*Handler)(RequestContext&, Request)>
Task<Result<ResponseFrame>> serve(RequestContext& context, Buffer body) {
  Result<Request> request;
  if (body.size() <= kDecodedAtOnce) {
    request = protocol::decode<Request>(body.view(), context.version());
  } else {
    Buffer same = body;
    request = co_await decode_away<Request>(context.services.env.offload, std::move(same), context.version());
  }
  if (!request) co_return std::unexpected(request.error());
  Response response = co_await Handler(context, *std::move(request));
  co_return encode_answer(context, response);
}

template <class Request, class Response, Task<Response> (*Handler)(RequestContext&, Request)>
consteval Api api(std::int16_t min_version, std::int16_t max_version) {
  static_assert(Request::kApiKey == Response::kApiKey);
  if (min_version < Request::kMinVersion || max_version > Request::kMaxVersion) throw "not declared";
  return {Request::kApiKey, min_version, max_version, &serve<Request, Response, Handler>};
}

using namespace protocol;

constexpr std::array kApis = {
    Api{ApiKey::produce, 0, 11, &handle_produce},
    api<FetchRequest, FetchResponse, handle_fetch>(0, 17),
    api<ListOffsetsRequest, ListOffsetsResponse, handle_list_offsets>(0, 9),
    api<MetadataRequest, MetadataResponse, handle_metadata>(0, 12),
    Api{ApiKey::leader_and_isr, 0, 7, &handle_leader_and_isr},
    Api{ApiKey::stop_replica, 0, 4, &handle_stop_replica},
    api<UpdateMetadataRequest, UpdateMetadataResponse, handle_update_metadata>(0, 8),
    api<ControlledShutdownRequest, ControlledShutdownResponse, handle_controlled_shutdown>(0, 3),
    api<OffsetCommitRequest, OffsetCommitResponse, handle_offset_commit>(0, 9),
    api<OffsetFetchRequest, OffsetFetchResponse, handle_offset_fetch>(0, 9),
    api<FindCoordinatorRequest, FindCoordinatorResponse, handle_find_coordinator>(0, 6),
    api<JoinGroupRequest, JoinGroupResponse, handle_join_group>(0, 9),
    api<HeartbeatRequest, HeartbeatResponse, handle_heartbeat>(0, 4),
    api<LeaveGroupRequest, LeaveGroupResponse, handle_leave_group>(0, 5),
    api<SyncGroupRequest, SyncGroupResponse, handle_sync_group>(0, 5),
    api<DescribeGroupsRequest, DescribeGroupsResponse, handle_describe_groups>(0, 5),
    api<ListGroupsRequest, ListGroupsResponse, handle_list_groups>(0, 5),
    api<SaslHandshakeRequest, SaslHandshakeResponse, handle_sasl_handshake>(0, 1),
    api<ApiVersionsRequest, ApiVersionsResponse, handle_api_versions>(0, 4),
    api<CreateTopicsRequest, CreateTopicsResponse, handle_create_topics>(0, 7),
    api<DeleteTopicsRequest, DeleteTopicsResponse, handle_delete_topics>(0, 6),
    api<DeleteRecordsRequest, DeleteRecordsResponse, handle_delete_records>(0, 2),
    api<InitProducerIdRequest, InitProducerIdResponse, handle_init_producer_id>(0, 5),
    api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, handle_offset_for_leader_epoch>(0, 4),
    api<DescribeAclsRequest, DescribeAclsResponse, handle_describe_acls>(0, 3),
    api<CreateAclsRequest, CreateAclsResponse, handle_create_acls>(0, 3),
    api<DeleteAclsRequest, DeleteAclsResponse, handle_delete_acls>(0, 3),
    api<DescribeConfigsRequest, DescribeConfigsResponse, handle_describe_configs>(0, 4),
    api<AlterConfigsRequest, AlterConfigsResponse, handle_alter_configs>(0, 2),
    api<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, handle_alter_replica_log_dirs>(0, 2),
    api<DescribeLogDirsRequest, DescribeLogDirsResponse, handle_describe_log_dirs>(0, 4),
    api<SaslAuthenticateRequest, SaslAuthenticateResponse, handle_sasl_authenticate>(0, 2),
    api<CreatePartitionsRequest, CreatePartitionsResponse, handle_create_partitions>(0, 3),
    api<DeleteGroupsRequest, DeleteGroupsResponse, handle_delete_groups>(0, 2),
    api<ElectLeadersRequest, ElectLeadersResponse, handle_elect_leaders>(0, 2),
    api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, handle_incremental_alter_configs>(0, 1),
    api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, handle_alter_partition_reassignments>(
        0, 0),
    api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, handle_list_partition_reassignments>(0,
                                                                                                                    0),
    api<OffsetDeleteRequest, OffsetDeleteResponse, handle_offset_delete>(0, 0),
    api<AlterPartitionRequest, AlterPartitionResponse, handle_alter_partition>(0, 3),
    api<DescribeClusterRequest, DescribeClusterResponse, handle_describe_cluster>(0, 1),
    api<DescribeProducersRequest, DescribeProducersResponse, handle_describe_producers>(0, 0),
    api<AllocateProducerIdsRequest, AllocateProducerIdsResponse, handle_allocate_producer_ids>(0, 0),
    api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, handle_describe_topic_partitions>(0, 0),
};
static_assert(std::ranges::is_sorted(kApis, {}, &Api::key));

}  // namespace

std::span<const Api> served_apis() { return kApis; }

const Api* find_api(ApiKey key) {
  const auto found = std::ranges::lower_bound(kApis, key, {}, &Api::key);
  return found != kApis.end() && found->key == key ? &*found : nullptr;
}

ResponseFrame unsupported_api_versions(std::int32_t correlation_id) {
  const Api& own = *find_api(ApiKey::api_versions);
  ApiVersionsResponse response;
  response.error_code = ErrorCode::unsupported_version;
  auto& range = response.api_keys.emplace_back();
  range.api_key = own.key;
  range.min_version = own.min_version;
  range.max_version = own.max_version;
  return encode_response_frame(response, 0, correlation_id);
}

}  // namespace barnabas::broker
