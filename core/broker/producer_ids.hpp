// Ids for idempotent producers, from blocks that are taken from ZooKeeper: no two producers of a cluster get the
// same one, ever.
#pragma once

#include "core/async/event.hpp"
#include "core/async/task.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/metadata/topic_store.hpp"

namespace barnabas::broker {

class ProducerIds {
 public:
  // The store outlives this.
  ProducerIds(Executor& executor, metadata::TopicStore& store, BrokerId self)
      : store_(store), self_(self), turn_(executor, 1) {}

  Task<Result<ProducerId>> next() {
    const Semaphore::Units turn = co_await turn_.acquire();
    if (left_ == 0) {
      B_CO_TRY(const metadata::ProducerIdBlock block, co_await store_.allocate_producer_ids(self_));
      next_ = block.first;
      left_ = block.count;
    }
    const ProducerId id = next_;
    next_ += 1;
    --left_;
    co_return id;
  }

 private:
  metadata::TopicStore& store_;
  BrokerId self_;
  Semaphore turn_;
  ProducerId next_;
  std::int32_t left_ = 0;
};

}  // namespace barnabas::broker
