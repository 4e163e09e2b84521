// OffsetCommit (key 8), versions 0-9.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/group_coordinator.cpp).
// Versions: 0 no member (Kafka keeps these in ZooKeeper; here they are kept like all others); 1 member and
//   generation; 2-4 retention time; 6 leader epochs; 7 static members; 8 flexible.
// Errors: those of the coordinator (NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, ILLEGAL_GENERATION,
//   UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS, OFFSET_METADATA_TOO_LARGE, UNKNOWN_TOPIC_OR_PARTITION, ...).
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::OffsetCommitResponse> handle_offset_commit(RequestContext& context,
                                                          protocol::OffsetCommitRequest request) {
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.offset_commit(std::move(asker), request);
}

}  // namespace barnabas::broker
