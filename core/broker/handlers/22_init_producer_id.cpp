// InitProducerId (key 22), versions 0-5.
// Decides: nothing but the form. Does not decide: which id (producer_ids.cpp).
// Versions: 2 flexible; 3 a producer may name its old id and epoch, which matter to transactions only.
// Errors: TRANSACTIONAL_ID_AUTHORIZATION_FAILED for a transactional id: transactions are not served yet, and this is
//   the code that every client takes as final (COORDINATOR_NOT_AVAILABLE would be retried until a timeout);
//   INVALID_REQUEST when only one of id and epoch is given; COORDINATOR_NOT_AVAILABLE when no block of ids could
//   be taken from ZooKeeper: clients try again.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/producer_ids.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::InitProducerIdResponse> handle_init_producer_id(RequestContext& context,
                                                               protocol::InitProducerIdRequest request) {
  protocol::InitProducerIdResponse response;
  response.producer_epoch = -1;
  if (request.transactional_id) {
    response.error_code = protocol::ErrorCode::transactional_id_authorization_failed;
    co_return response;
  }
  if ((request.producer_id == -1) != (request.producer_epoch == -1)) {
    response.error_code = protocol::ErrorCode::invalid_request;
    co_return response;
  }
  const Result<ProducerId> id = co_await context.services.producer_ids.next();
  if (!id) {
    response.error_code = protocol::ErrorCode::coordinator_not_available;
    co_return response;
  }
  response.producer_id = id->value();
  response.producer_epoch = 0;
  co_return response;
}

}  // namespace barnabas::broker
