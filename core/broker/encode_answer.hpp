// The last step for what a handler has found: its error codes are counted, and it becomes the bytes of an answer.
#pragma once

#include "core/broker/api_table.hpp"
#include "core/broker/metrics.hpp"
#include "core/broker/request_context.hpp"
#include "core/broker/services.hpp"
#include "core/protocol/frame.hpp"

namespace barnabas::broker {

// For the version and correlation id of the request; with the time that the client is asked to wait, where the response
// has a field for it.
template <class Response>
ResponseFrame encode_answer(const RequestContext& context, Response& response) {
  context.services.metrics.count_errors(response);
  if constexpr (requires { response.throttle_time_ms; }) response.throttle_time_ms = context.throttle_ms;
  return protocol::encode_response_frame(response, context.version(), context.header.correlation_id);
}

}  // namespace barnabas::broker
