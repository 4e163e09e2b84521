// ApiVersions (key 18), versions 0-4.
// Decides: nothing; it shows the table of served APIs. Does not decide: what happens to newer versions of
// itself (connection.cpp answers them in version 0, KIP-511).
// Versions: 1 throttle time; 3 flexible, client's software name and version; 3 features, of which there are none.
// Errors: INVALID_REQUEST when the client's software name or version is not [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?.
#include <algorithm>
#include <string_view>

#include "core/broker/handlers/handlers.hpp"

namespace barnabas::broker {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_software_name(std::string_view text) {
  const auto allowed = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; };
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, allowed);
}

}  // namespace

Task<protocol::ApiVersionsResponse> handle_api_versions(RequestContext& context, protocol::ApiVersionsRequest request) {
  protocol::ApiVersionsResponse response;
  if (context.version() >= 3 &&
      !(is_software_name(request.client_software_name) && is_software_name(request.client_software_version))) {
    response.error_code = protocol::ErrorCode::invalid_request;
    co_return response;
  }
  for (const Api& api : served_apis()) {
    auto& range = response.api_keys.emplace_back();
    range.api_key = api.key;
    range.min_version = api.min_version;
    range.max_version = api.max_version;
  }
  co_return response;
}

}  // namespace barnabas::broker
