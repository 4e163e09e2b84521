// A client's node may die at any moment: nothing may be touched afterwards (run under ASan).
#include <gtest/gtest.h>

#include "core/client/group_consumer.hpp"
#include "core/client/producer.hpp"
#include "tests/client/fixture.hpp"

namespace barnabas::client {
namespace {

Task<void> use_everything(env::Env env, ClusterOptions options) {
  Cluster cluster(env, std::move(options));
  Producer producer(cluster, {});
  GroupOptions group;
  group.group_id = "readers";
  group.topics = {"orders"};
  group.reset = OffsetReset::earliest;
  GroupConsumer consumer(cluster, group);
  for (int i = 0; i < 5; ++i) {
    std::vector<std::shared_ptr<Delivery>> deliveries;
    for (int k = 0; k < 4; ++k) {
      std::vector<ProducerRecord> records(1);
      records[0].value = "value";
      const TopicPartition to{"orders", PartitionId(k % 2)};
      deliveries.push_back(producer.enqueue(to, std::move(records)).value());
    }
    static_cast<void>(co_await consumer.poll());
    static_cast<void>(co_await consumer.commit_positions());
    for (const auto& delivery : deliveries) static_cast<void>(co_await producer.wait(delivery));
  }
  static_cast<void>(co_await consumer.leave());
  co_await producer.stop();
}

TEST(ClientCrash, a_client_can_die_at_every_event) {
  bool lived_to_the_end = false;
  for (int events = 1; events < 3000 && !lived_to_the_end; events += events < 300 ? 1 : 23) {
    ClientWorld w(static_cast<std::uint64_t>(events));
    w.broker.script[protocol::ApiKey::produce] = {
        {}, {Step::What::do_then_drop, {}}, {Step::What::refuse, protocol::ErrorCode::not_enough_replicas}};
    bool done = false;
    const auto program = [](env::Env env, ClusterOptions options, bool& finished) -> Task<void> {
      co_await use_everything(env, std::move(options));
      finished = true;
    };
    w.node.spawn_task(program(w.node.env(), w.broker.client_options(), done));
    for (int i = 0; i < events && w.world.step(); ++i) {
    }
    w.node.kill();
    w.world.run_for(std::chrono::seconds(1));
    lived_to_the_end = done;
  }
  EXPECT_TRUE(lived_to_the_end);  // So every moment up to the end was tried.
}

TEST(ClientCrash, a_client_can_be_given_up_with_everything_under_way) {
  for (int events = 1; events < 400; events += 7) {
    ClientWorld w(static_cast<std::uint64_t>(events));
    {
      Cluster cluster(w.node.env(), w.broker.client_options());
      Producer producer(cluster, {});
      for (int i = 0; i < 9; ++i) {
        std::vector<ProducerRecord> records(1);
        ASSERT_TRUE(producer.enqueue({"orders", PartitionId(i % 3)}, std::move(records)).has_value());
      }
      for (int i = 0; i < events && w.world.step(); ++i) {
      }
    }
    w.world.run_for(std::chrono::seconds(1));
  }
}

}  // namespace
}  // namespace barnabas::client
