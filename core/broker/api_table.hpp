// The APIs that this broker serves, each once: what ApiVersions advertises, what a connection dispatches, and
// what the compatibility page shows all come from this list. What is not served is not in it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/async/task.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/broker/request_context.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::broker {

// The whole frame of a response; empty when the request is not to be answered (Produce with acks=0).
using ResponseFrame = std::vector<protocol::Fragment>;

// body: the request without its header; the handler's own. An error means that body is not a request of this
// version, or that an unanswered request failed: the connection is closed with the error's message.
using Handle = Task<Result<ResponseFrame>> (*)(RequestContext& context, Buffer body);

struct Api {
  protocol::ApiKey key;
  std::int16_t min_version;
  std::int16_t max_version;
  Handle handle;

  std::string_view name() const { return protocol::name_of(key); }
};

// In the order of their keys.
std::span<const Api> served_apis();
// Null when it is not served.
const Api* find_api(protocol::ApiKey key);

// The answer to an ApiVersions request of a version that is not served: version 0, UNSUPPORTED_VERSION, and the
// range of ApiVersions alone (KIP-511).
ResponseFrame unsupported_api_versions(std::int32_t correlation_id);

}  // namespace barnabas::broker
