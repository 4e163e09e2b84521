// What the handlers of requests about the whole cluster have in common: who may not, is told so.
#pragma once

#include <cstdint>
#include <utility>

#include "core/broker/api_table.hpp"
#include "core/broker/controlled_broker.hpp"
#include "core/broker/encode_answer.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

template <class Response>
Response refused_cluster_request() {
  Response response;
  response.error_code = protocol::ErrorCode::cluster_authorization_failed;
  return response;
}

// What a controller orders that keeps the request's bytes: LeaderAndIsr and StopReplica.
template <class Request, class Response>
Task<Result<ResponseFrame>> follow_order(RequestContext& context, Buffer body,
                                         Task<Response> (ControlledBroker::*order)(Request, std::int16_t, Buffer)) {
  const std::int16_t version = context.version();
  B_CO_TRY(Request request, protocol::decode<Request>(body.view(), version));
  Response response = refused_cluster_request<Response>();
  if (context.allowed(Operation::cluster_action, Resource::cluster, kClusterResource)) {
    response = co_await (context.services.controlled.*order)(std::move(request), version, body);
  }
  co_return encode_answer(context, response);
}

}  // namespace barnabas::broker
