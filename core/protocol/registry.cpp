#include "core/protocol/registry.hpp"

#include <algorithm>
#include <array>

#include "core/protocol/messages/all.hpp"

namespace barnabas::protocol {
namespace {

constexpr std::size_t count_apis() {
  std::size_t count = 0;
  for_each_api([&]<class Request, class Response>() { ++count; });
  return count;
}

constexpr auto kApis = [] {
  std::array<ApiInfo, count_apis()> apis{};
  std::size_t next = 0;
  for_each_api([&]<class Request, class Response>() {
    static_assert(Request::kApiKey == Response::kApiKey);
    static_assert(Request::kMinVersion == Response::kMinVersion && Request::kMaxVersion == Response::kMaxVersion);
    apis[next++] = {Request::kApiKey, Request::kMinVersion, Request::kMaxVersion, Request::kFlexibleSince};
  });
  return apis;
}();
static_assert(std::ranges::is_sorted(kApis, {}, &ApiInfo::key));

}  // namespace

std::span<const ApiInfo> declared_apis() { return kApis; }

const ApiInfo* find_api(ApiKey key) {
  const auto* found = std::ranges::lower_bound(kApis, key, {}, &ApiInfo::key);
  return found != kApis.end() && found->key == key ? found : nullptr;
}

}  // namespace barnabas::protocol
