// OffsetFetch (key 9), versions 0-9.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/group_coordinator.cpp).
// Versions: 2 all offsets of the group, and an error for all; 5 leader epochs; 6 flexible; 7 stable offsets only; 8
// many
//   groups at once; 9 member id and epoch.
// Errors: those of the coordinator. A partition without a commit has offset -1 and no error.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::OffsetFetchResponse> handle_offset_fetch(RequestContext& context, protocol::OffsetFetchRequest request) {
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.offset_fetch(std::move(asker), request);
}

}  // namespace barnabas::broker
