#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

class TopicDeletion : public ControllerTest {
 protected:
  void remove(const std::string& name) {
    FakeBroker& to = leader();
    ASSERT_TRUE(run(to, to.controller()->delete_topic(name)).has_value());
  }
  // As a tool does.
  void mark(FakeBroker& by, const std::string& name) {
    auto marking =
        by.session()->create("/admin/delete_topics/" + name, std::nullopt, zookeeper::CreateMode::persistent);
    ASSERT_TRUE(run(by, std::move(marking)).has_value());
  }
  bool gone(const std::string& name) {
    return !exists("/brokers/topics/" + name) && !exists("/config/topics/" + name) &&
           !exists("/admin/delete_topics/" + name);
  }
};

TEST_F(TopicDeletion, logs_go_before_znodes_and_everybody_forgets) {
  start(3);
  create("orders", {{1, 2}, {2, 3}});
  remove("orders");
  ASSERT_TRUE(until([&] { return gone("orders"); }));
  EXPECT_TRUE(broker(1).removed.contains(at("orders", 0)));
  EXPECT_TRUE(broker(2).removed.contains(at("orders", 0)));
  EXPECT_TRUE(broker(2).removed.contains(at("orders", 1)));
  EXPECT_TRUE(broker(3).removed.contains(at("orders", 1)));
  ASSERT_TRUE(until([&] {
    for (const auto& one : brokers_) {
      if (!one->metadata.empty()) return false;
    }
    return true;
  }));
}

TEST_F(TopicDeletion, a_topic_made_anew_has_another_id_and_is_led_again) {
  start(3);
  const auto first = create("orders", {{1, 2}});
  remove("orders");
  ASSERT_TRUE(until([&] { return gone("orders"); }));
  const auto second = create("orders", {{2, 3}});
  EXPECT_NE(first.id, second.id);
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)); }));
  EXPECT_EQ(state(at("orders", 0))->leader_epoch, LeaderEpoch(0));
}

TEST_F(TopicDeletion, a_dead_replica_delays_it) {
  start(3);
  create("orders", {{1, 2}});
  broker(2).kill();
  ASSERT_TRUE(until([&] { return !exists("/brokers/ids/2"); }));
  remove("orders");
  world_.run_for(30s);
  EXPECT_TRUE(exists("/admin/delete_topics/orders"));
  EXPECT_TRUE(exists("/brokers/topics/orders"));
  EXPECT_TRUE(broker(1).removed.contains(at("orders", 0)));
  broker(2).restart();
  ASSERT_TRUE(until([&] { return gone("orders"); }));
  EXPECT_TRUE(broker(2).removed.contains(at("orders", 0)));
}

TEST_F(TopicDeletion, a_new_controller_goes_on_with_it) {
  start(3);
  create("orders", {{1, 2, 3}});
  broker(3).kill();
  ASSERT_TRUE(until([&] { return !exists("/brokers/ids/3"); }));
  remove("orders");
  world_.run_for(1s);
  broker(1).kill();
  ASSERT_TRUE(until([&] { return controller_id() == 2; }));
  broker(1).restart();
  broker(3).restart();
  ASSERT_TRUE(until([&] { return gone("orders"); }));
  EXPECT_TRUE(broker(3).removed.contains(at("orders", 0)));
  EXPECT_TRUE(broker(1).removed.contains(at("orders", 0)));
}

TEST_F(TopicDeletion, a_mark_for_no_topic_is_removed) {
  start(1);
  mark(broker(1), "none");
  ASSERT_TRUE(until([&] { return !exists("/admin/delete_topics/none"); }));
}

TEST_F(TopicDeletion, a_mark_that_a_tool_wrote_is_carried_out) {
  start(2);
  create("orders", {{1, 2}});
  mark(broker(2), "orders");
  ASSERT_TRUE(until([&] { return gone("orders"); }));
}

TEST_F(TopicDeletion, it_is_refused_where_deletion_is_switched_off) {
  start(1);
  ASSERT_TRUE(broker(1).config.set("delete.topic.enable", "false").has_value());
  create("orders", {{1}});
  mark(broker(1), "orders");
  ASSERT_TRUE(until([&] { return !exists("/admin/delete_topics/orders"); }));
  EXPECT_TRUE(exists("/brokers/topics/orders"));
  const auto refused = run(broker(1), broker(1).controller()->delete_topic("orders"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::topic_deletion_disabled);
}

TEST_F(TopicDeletion, a_broker_that_cannot_remove_its_log_is_asked_in_its_next_life) {
  start(2);
  create("orders", {{1, 2}});
  broker(2).refuses_removal = true;
  remove("orders");
  world_.run_for(10s);
  EXPECT_TRUE(exists("/brokers/topics/orders"));
  broker(2).refuses_removal = false;
  broker(2).kill();
  broker(2).restart();
  ASSERT_TRUE(until([&] { return gone("orders"); }));
}

}  // namespace
}  // namespace barnabas::controller
