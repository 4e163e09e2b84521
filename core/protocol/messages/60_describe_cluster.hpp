// DescribeCluster (key 60), versions 0-2.
//
// v1 endpoint type (KIP-919); v2 fenced brokers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeClusterResponse;

struct DescribeClusterRequest {
  using Response = DescribeClusterResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_cluster;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;  // 1: brokers; 2: controllers.
  bool include_fenced_brokers = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(
        field("includeClusterAuthorizedOperations", &DescribeClusterRequest::include_cluster_authorized_operations),
        field("endpointType", &DescribeClusterRequest::endpoint_type, since(1)),
        field("includeFencedBrokers", &DescribeClusterRequest::include_fenced_brokers, since(2)));
  }
};

struct DescribeClusterResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_cluster;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct DescribeClusterBroker {
    std::int32_t broker_id = 0;
    String host;
    std::int32_t port = 0;
    std::optional<String> rack;
    bool is_fenced = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("brokerId", &DescribeClusterBroker::broker_id),
                  field("host", &DescribeClusterBroker::host),
                  field("port", &DescribeClusterBroker::port),
                  field("rack", &DescribeClusterBroker::rack).nullable(),
                  field("isFenced", &DescribeClusterBroker::is_fenced, since(2)));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::int8_t endpoint_type = 1;
  String cluster_id;
  std::int32_t controller_id = -1;
  std::vector<DescribeClusterBroker> brokers;
  std::int32_t cluster_authorized_operations = kAuthorizedOperationsOmitted;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeClusterResponse::throttle_time_ms),
                field("errorCode", &DescribeClusterResponse::error_code),
                field("errorMessage", &DescribeClusterResponse::error_message).nullable(),
                field("endpointType", &DescribeClusterResponse::endpoint_type, since(1)),
                field("clusterId", &DescribeClusterResponse::cluster_id),
                field("controllerId", &DescribeClusterResponse::controller_id),
                field("brokers", &DescribeClusterResponse::brokers),
                field("clusterAuthorizedOperations", &DescribeClusterResponse::cluster_authorized_operations));
  }
};

}  // namespace barnabas::protocol
