// Ids for idempotent producers, from blocks that the controller gives out: no two producers of a cluster get the same
// one, ever.
#pragma once

#include "core/async/event.hpp"
#include "core/async/task.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/broker/controller_client.hpp"
#include "core/env/env.hpp"

namespace barnabas::broker {

class ProducerIds {
 public:
  // The client outlives this.
  ProducerIds(env::Env env, ControllerClient& controller)
      : env_(env), controller_(controller), turn_(env.executor, 1) {}

  // Asks the controller when the block is used up, a few times if it is just moving. not_found: no controller.
  Task<Result<ProducerId>> next() {
    const Semaphore::Units turn = co_await turn_.acquire();
    if (left_ == 0) B_CO_TRY_VOID(co_await take_block());
    const ProducerId id = next_;
    next_ += 1;
    --left_;
    co_return id;
  }

 private:
  static constexpr int kTries = 5;
  static constexpr Duration kPause = 100ms;

  Task<Result<void>> take_block() {
    for (int attempt = 1;; ++attempt) {
      const auto block = co_await controller_.allocate_producer_ids();
      if (block && block->error_code == protocol::ErrorCode::none && block->producer_id_len > 0) {
        next_ = ProducerId(block->producer_id_start);
        left_ = block->producer_id_len;
        co_return Result<void>{};
      }
      if (attempt == kTries) {
        co_return fail(Errc::not_found, "the controller gave no producer ids: " +
                                            (block ? std::string(protocol::name_of(block->error_code))
                                                   : block.error().message));
      }
      co_await env_.clock.sleep_for(kPause);
    }
  }

  env::Env env_;
  ControllerClient& controller_;
  Semaphore turn_;
  ProducerId next_;
  std::int32_t left_ = 0;
};

}  // namespace barnabas::broker
