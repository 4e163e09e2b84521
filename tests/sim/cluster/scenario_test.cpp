#include "sim/scenario/scenario.hpp"

#include <gtest/gtest.h>

namespace barnabas::sim {
namespace {

constexpr std::string_view kSmall = R"(
why = "x"
[[topic]]
name = "t"
[[workload]]
kind = "producer"
topic = "t"
[[check]]
name = "offsets_dense"
)";

std::string error_of(std::string_view text, const std::vector<std::string>& overrides = {}) {
  const auto scenario = parse_scenario(text, overrides);
  return scenario ? "" : scenario.error().message;
}

TEST(Scenario, defaults_are_those_of_the_readme) {
  const auto scenario = parse_scenario(kSmall);
  ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
  EXPECT_EQ(scenario->cluster.brokers, 1);
  EXPECT_EQ(scenario->workloads[0].records, 100);
  EXPECT_EQ(scenario->workloads[0].acks, -1);
  EXPECT_EQ(scenario->workloads[0].batch.high, 10);
  EXPECT_FALSE(scenario->flushes_each_batch("t"));
}

TEST(Scenario, an_unknown_key_names_the_nearest) {
  EXPECT_EQ(error_of(std::string(kSmall) + "[[fault]]\nkind = \"kill\"\nlast = \"1s\"\n"),
            "fault[0].last: unknown key; did you mean \"lasts\"?");
  EXPECT_EQ(error_of("wy = 1\n" + std::string(kSmall)), "wy: unknown key; did you mean \"why\"?");
}

TEST(Scenario, an_unknown_name_lists_the_known) {
  const std::string error = error_of(std::string(kSmall) + "[[fault]]\nkind = \"kil\"\n");
  EXPECT_NE(error.find("did you mean \"kill\"?"), std::string::npos) << error;
}

TEST(Scenario, bad_values_name_their_place) {
  EXPECT_NE(error_of(kSmall, {"workload.0.records=0"}).find("workload[0].records: expected a whole number from 1"),
            std::string::npos);
  EXPECT_NE(error_of(kSmall, {"workload.0.pause=\"5 parsecs\""}).find("workload[0].pause: expected a time"),
            std::string::npos);
  EXPECT_NE(error_of(kSmall, {"workload.0.topic=\"u\""}).find("no [[topic]] named \"u\""), std::string::npos);
  EXPECT_NE(error_of(kSmall, {"workload.0.idempotent=true", "workload.0.acks=\"1\""}).find("needs acks"),
            std::string::npos);
  EXPECT_NE(error_of("why = \n").find("not TOML"), std::string::npos);
  EXPECT_NE(error_of("why = \"x\"").find("at least one [[check]]"), std::string::npos);
}

TEST(Scenario, a_configuration_that_the_broker_would_not_take_is_refused) {
  const std::string unknown = error_of(kSmall, {"cluster.config={\"log.segment.byt\" = 1}"});
  EXPECT_NE(unknown.find("log.segment.bytes"), std::string::npos) << unknown;
  const std::string bad = error_of(kSmall, {"cluster.config={\"log.segment.bytes\" = 1}"});
  EXPECT_NE(bad.find("log.segment.bytes"), std::string::npos) << bad;
}

TEST(Scenario, a_fault_on_what_is_not_there_is_refused) {
  const std::string fault = std::string(kSmall) + "[[fault]]\nkind = \"kill\"\non = ";
  EXPECT_NE(error_of(fault + "\"broker:7\"").find("there is no broker:7"), std::string::npos);
  EXPECT_NE(error_of(fault + "\"leader:u/0\"").find("no [[topic]]"), std::string::npos);
  EXPECT_EQ(error_of(fault + "\"broker:0\""), "");
}

TEST(Scenario, a_fault_waits_for_a_moment_of_its_partition) {
  const std::string cluster = std::string(kSmall) + "[cluster]\nbrokers = 3\n[[fault]]\nkind = \"kill\"\n";
  const auto scenario =
      parse_scenario(cluster + "on = \"subject\"\nwhen = \"isr_grows:t/2\"\nafter = [\"1ms\", \"5ms\"]\n");
  ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
  const FaultSpec& fault = scenario->faults.front();
  EXPECT_EQ(fault.when, Moment::Kind::isr_grows);
  EXPECT_EQ(fault.of, (TopicPartition{"t", PartitionId(2)}));
  EXPECT_EQ(fault.after.high, 5ms);
  EXPECT_EQ(error_of(cluster + "when = \"down\"\n"), "");
}

TEST(Scenario, a_moment_that_never_comes_is_refused) {
  const std::string cluster = std::string(kSmall) + "[cluster]\nbrokers = 3\n[[fault]]\nkind = \"kill\"\n";
  EXPECT_NE(error_of(cluster + "when = \"elect:t/0\"\n").find("expected isr_grows"), std::string::npos);
  EXPECT_NE(error_of(cluster + "when = \"elected\"\n").find("expected a moment and its partition"), std::string::npos);
  EXPECT_NE(error_of(cluster + "when = \"elected:t/x\"\n").find("expected a moment and its partition"),
            std::string::npos);
  EXPECT_NE(error_of(cluster + "when = \"elected:u/0\"\n").find("there is no [[topic]] of"), std::string::npos);
  EXPECT_NE(error_of(cluster + "when = \"registered:t/0\"\n").find("expected a moment of no partition: registered"),
            std::string::npos);
  EXPECT_NE(error_of(cluster + "on = \"subject\"\n").find("set when"), std::string::npos);
  EXPECT_NE(error_of(std::string(cluster).replace(cluster.find("kill"), 4, "hold") + "with = \"subject\"\n")
                .find("fault[0].with: there is a subject only of a moment"),
            std::string::npos);
  EXPECT_NE(error_of(cluster + "after = \"1ms\"\n").find("unknown key"), std::string::npos);
  EXPECT_NE(error_of(std::string(kSmall) + "[[fault]]\nkind = \"kill\"\nwhen = \"down\"\n").find("needs a cluster"),
            std::string::npos);
}

TEST(Scenario, overrides_reach_every_level) {
  const auto scenario =
      parse_scenario(kSmall, {"workload.0.records=7", "workload.0.batch=[2, 3]", "workload.0.acks=1",
                              "topic.0.config.flush.messages=1", "cluster.config.log.segment.bytes=9999"});
  EXPECT_EQ(error_of(kSmall, {"workload.0.acks=1"}), "workload[0].acks: expected a string");
  EXPECT_FALSE(scenario.has_value());
  const auto good = parse_scenario(kSmall, {"workload.0.records=7", "workload.0.batch=[2, 3]", "workload.0.acks=all",
                                            "topic.0.config.flush.messages=1",
                                            "cluster.config.log.segment.bytes=9999"});
  ASSERT_TRUE(good.has_value()) << good.error().message;
  EXPECT_EQ(good->workloads[0].records, 7);
  EXPECT_EQ(good->workloads[0].batch.low, 2);
  EXPECT_TRUE(good->flushes_each_batch("t"));
  EXPECT_EQ(good->cluster.config.at("log.segment.bytes"), "9999");
  EXPECT_NE(error_of(kSmall, {"workload.3.records=7"}).find("there is no 3"), std::string::npos);
  EXPECT_NE(error_of(kSmall, {"records"}).find("expected key=value"), std::string::npos);
}

}  // namespace
}  // namespace barnabas::sim
