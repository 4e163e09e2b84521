#include "core/coordinator/runtime/group_coordinator.hpp"

#include "tests/coordinator/coordinator_fixture.hpp"

namespace barnabas::coordinator {
namespace {

class GroupCoordinatorTest : public CoordinatorFixture {
 protected:
  // Loads, lets members join and commit, waits for ever.
  Task<void> live(env::Env env) {
    GroupCoordinator own(env, config, kPartitions);
    const std::int32_t partition = own.partition_for("g").value();
    logs[partition].append_takes = 20ms;
    logs[partition].replay_takes = 50ms;
    auto log = std::make_unique<MemoryLog>(logs[partition], env.clock);
    EXPECT_TRUE((co_await own.load(PartitionId(partition), LeaderEpoch(1), std::move(log))).has_value());
    Scope requests(env.executor);
    for (int i = 0; i < 5; ++i) {
      requests.spawn(commit_alone(own, i));
      requests.spawn(join_alone(own));
    }
    co_await requests.join();
    co_await env.clock.sleep_for(1h);
  }
  static Task<void> commit_alone(GroupCoordinator& own, std::int64_t offset) {
    protocol::OffsetCommitRequest request;
    request.group_id = "g";
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back().committed_offset = offset;
    const RequestContext context{"client", "/10.0.0.1", 8};
    (void)co_await own.offset_commit(context, request);
  }
  static Task<void> join_alone(GroupCoordinator& own) {
    protocol::JoinGroupRequest request;
    request.group_id = "g";
    request.session_timeout_ms = 10'000;
    request.protocol_type = "consumer";
    request.protocols.emplace_back().name = "range";
    const RequestContext context{"client", "/10.0.0.1", 1};
    (void)co_await own.join_group(context, request);
  }
};

TEST_F(GroupCoordinatorTest, group_and_offsets_survive_a_restart) {
  start();
  const std::string id = make_stable("g");
  EXPECT_EQ(run(commit("g", 17, 0, id, 1, "note")), ErrorCode::none);
  run(coordinator->stop());
  start();
  EXPECT_EQ(fetch("g"), 17);
  EXPECT_EQ(run(heartbeat("g", id, 1)), ErrorCode::none);
  const protocol::SyncGroupResponse synced = run(sync("g", id, 1));
  EXPECT_EQ(as_text(synced.assignment.view()), "all of it");
  EXPECT_EQ(run(commit("g", 18, 0, id, 1)), ErrorCode::none);
}

TEST_F(GroupCoordinatorTest, commit_shows_only_after_its_append) {
  start();
  log_of("g").append_takes = 100ms;
  const auto committed = begin(commit("g", 5));
  EXPECT_EQ(fetch("g"), -1);
  EXPECT_FALSE(committed->has_value());
  world.run_for(200ms);
  EXPECT_EQ(**committed, ErrorCode::none);
  EXPECT_EQ(fetch("g"), 5);
}

TEST_F(GroupCoordinatorTest, refused_append_changes_nothing) {
  start();
  EXPECT_EQ(run(commit("g", 5)), ErrorCode::none);
  log_of("g").failures = {{Errc::not_leader}};
  EXPECT_EQ(run(commit("g", 6)), ErrorCode::not_coordinator);
  EXPECT_EQ(fetch("g"), 5);
  log_of("g").failures = {{Errc::too_large}};
  EXPECT_EQ(run(commit("g", 7)), ErrorCode::invalid_commit_offset_size);
  EXPECT_EQ(fetch("g"), 5);
  log_of("g").failures = {{Errc::not_leader}};
  EXPECT_EQ(run(join("g")).error_code, ErrorCode::not_coordinator);
  EXPECT_EQ(run(join("g")).generation_id, 1);
}

TEST_F(GroupCoordinatorTest, append_of_unknown_outcome_ends_in_what_the_log_says) {
  for (const bool stored : {false, true}) {
    const std::string group = stored ? "stored" : "lost";
    start();
    EXPECT_EQ(run(commit(group, 5)), ErrorCode::none);
    log_of(group).failures = {{Errc::timed_out, stored}};
    EXPECT_EQ(run(commit(group, 6)), ErrorCode::coordinator_not_available);
    world.run_for(1s);
    EXPECT_EQ(fetch(group), stored ? 6 : 5);
    EXPECT_EQ(run(commit(group, 7)), ErrorCode::none);
  }
}

TEST_F(GroupCoordinatorTest, while_loading_each_request_gets_what_old_clients_understand) {
  for (std::int32_t i = 0; i < kPartitions; ++i) logs[i].replay_takes = 1s;
  start(false);
  EXPECT_EQ(fetch("g"), refused(ErrorCode::coordinator_load_in_progress));
  EXPECT_EQ(run(commit("g", 1)), ErrorCode::coordinator_load_in_progress);
  EXPECT_EQ(run(join("g")).error_code, ErrorCode::coordinator_load_in_progress);
  EXPECT_EQ(run(sync("g", "m", 1)).error_code, ErrorCode::rebalance_in_progress);
  EXPECT_EQ(run(heartbeat("g", "m", 1)), ErrorCode::none);
  EXPECT_EQ(run(list()).error_code, ErrorCode::coordinator_load_in_progress);
  world.run_for(2s);
  EXPECT_EQ(run(commit("g", 1)), ErrorCode::none);
}

TEST_F(GroupCoordinatorTest, partition_led_elsewhere_is_not_coordinated_here) {
  start();
  run(coordinator->unload(coordinator->partition_for("g"), LeaderEpoch(100)));
  EXPECT_EQ(run(join("g")).error_code, ErrorCode::not_coordinator);
  EXPECT_EQ(fetch("g"), refused(ErrorCode::not_coordinator));
  EXPECT_EQ(run(join("")).error_code, ErrorCode::invalid_group_id);
}

TEST_F(GroupCoordinatorTest, older_epochs_neither_load_nor_unload) {
  start();
  const std::int32_t partition = coordinator->partition_for("g").value();
  load(partition, 50);
  EXPECT_EQ(run(commit("g", 1)), ErrorCode::none);
  run(coordinator->unload(PartitionId(partition), LeaderEpoch(49)));
  EXPECT_EQ(fetch("g"), 1);
  run(coordinator->unload(PartitionId(partition), LeaderEpoch(51)));
  load(partition, 50);
  EXPECT_EQ(fetch("g"), refused(ErrorCode::not_coordinator));
}

TEST_F(GroupCoordinatorTest, unload_answers_everybody_who_waits) {
  start();
  const std::string id = make_stable("g");
  const auto joined = begin(join("g"));
  log_of("g").append_takes = 1s;
  const auto committed = begin(commit("g", 1, 0, id, 1));
  const auto queued = begin(commit("g", 2, 0, id, 1));
  run(coordinator->unload(coordinator->partition_for("g"), LeaderEpoch(100)));
  world.run_for(1ms);
  ASSERT_TRUE(joined->has_value() && committed->has_value() && queued->has_value());
  EXPECT_EQ((*joined)->error_code, ErrorCode::not_coordinator);
  EXPECT_EQ(**committed, ErrorCode::not_coordinator);
  EXPECT_EQ(**queued, ErrorCode::not_coordinator);
}

TEST_F(GroupCoordinatorTest, silent_member_is_dropped_by_the_timer) {
  start();
  const std::string first = make_stable("g");
  const auto second = begin(join("g"));
  world.run_for(9s);
  EXPECT_FALSE(second->has_value());
  world.run_for(2s);
  ASSERT_TRUE(second->has_value());
  EXPECT_EQ((*second)->generation_id, 2);
  EXPECT_EQ((*second)->members.size(), 1u);
  EXPECT_EQ(run(heartbeat("g", first, 2)), ErrorCode::unknown_member_id);
}

TEST_F(GroupCoordinatorTest, heartbeats_keep_a_member_for_long) {
  start();
  const std::string id = make_stable("g");
  for (int i = 0; i < 30; ++i) {
    world.run_for(7s);
    ASSERT_EQ(run(heartbeat("g", id, 1)), ErrorCode::none);
  }
  world.run_for(11s);
  EXPECT_EQ(run(heartbeat("g", id, 1)), ErrorCode::unknown_member_id);
  EXPECT_EQ(run(describe("g")).groups.at(0).group_state, "Empty");
}

TEST_F(GroupCoordinatorTest, requests_behind_a_write_wait_their_turn) {
  start();
  const std::string id = make_stable("g");
  log_of("g").append_takes = 100ms;
  const auto left = begin(leave("g", id, 5));
  const auto joined = begin(join("g"));
  EXPECT_FALSE(joined->has_value());
  world.run_for(1s);
  EXPECT_EQ((*left)->members.at(0).error_code, ErrorCode::none);
  EXPECT_EQ((*joined)->generation_id, 3);  // 2 was the empty one.
}

TEST_F(GroupCoordinatorTest, commits_that_wait_share_one_batch) {
  start();
  LogOnDisk& log = log_of("g");
  log.append_takes = 100ms;
  std::vector<Later<ErrorCode>> commits;
  for (std::int32_t i = 0; i < 20; ++i) commits.push_back(begin(commit("g", 100 + i, i)));
  world.run_for(1s);
  for (const auto& each : commits) EXPECT_EQ(**each, ErrorCode::none);
  EXPECT_EQ(log.batches.size(), 2u);
  EXPECT_EQ(fetch("g", 13), 113);
}

TEST_F(GroupCoordinatorTest, batch_that_is_too_large_together_is_tried_in_parts) {
  config.max_offset_metadata_size = 20'000;
  start();
  LogOnDisk& log = log_of("g");
  log.append_takes = 100ms;
  std::vector<Later<ErrorCode>> commits;
  for (std::int32_t i = 0; i < 20; ++i) commits.push_back(begin(commit("g", i, i, "", -1, std::string(19'000, 'x'))));
  log.failures = {{Errc::too_large}};  // The first, alone.
  world.run_for(100ms);
  EXPECT_EQ(**commits[0], ErrorCode::invalid_commit_offset_size);
  log.failures = {{Errc::too_large}};  // The 19 others.
  world.run_for(2s);
  for (std::size_t i = 1; i < commits.size(); ++i) EXPECT_EQ(**commits[i], ErrorCode::none);
  EXPECT_GT(log.batches.size(), 1u);
}

TEST_F(GroupCoordinatorTest, offset_metadata_and_partition_are_judged_one_by_one) {
  partition_exists = [](std::string_view topic, std::int32_t partition) { return topic == "t" && partition < 2; };
  start();
  protocol::OffsetCommitRequest request;
  request.group_id = "g";
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  for (std::int32_t i = 0; i < 3; ++i) {
    auto& entry = topic.partitions.emplace_back();
    entry.partition_index = i;
    entry.committed_offset = 7;
    if (i == 1) entry.committed_metadata = String(std::string(5000, 'x'));
  }
  const RequestContext context{"client", "/10.0.0.1", 8};
  const auto response = run(coordinator->offset_commit(context, request));
  EXPECT_EQ(response.topics[0].partitions[0].error_code, ErrorCode::none);
  EXPECT_EQ(response.topics[0].partitions[1].error_code, ErrorCode::offset_metadata_too_large);
  EXPECT_EQ(response.topics[0].partitions[2].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(fetch("g", 0), 7);
  EXPECT_EQ(fetch("g", 1), -1);
}

TEST_F(GroupCoordinatorTest, fetch_of_all_topics_in_both_shapes) {
  start();
  run(commit("g", 3, 0));
  run(commit("g", 4, 1));
  const auto single = run(fetch_all("g", 7));
  ASSERT_EQ(single.topics.size(), 1u);
  ASSERT_EQ(single.topics[0].partitions.size(), 2u);
  EXPECT_EQ(single.topics[0].partitions[1].committed_offset, 4);
  const auto batched = run(fetch_all("g", 8));
  ASSERT_EQ(batched.groups.size(), 1u);
  EXPECT_EQ(batched.groups[0].group_id, "g");
  EXPECT_EQ(batched.groups[0].topics.at(0).partitions.at(0).committed_offset, 3);
  EXPECT_TRUE(run(fetch_all("nobody", 8)).groups.at(0).topics.empty());
}

TEST_F(GroupCoordinatorTest, commit_with_a_generation_needs_the_group) {
  start();
  EXPECT_EQ(run(commit("g", 1, 0, "m", 4)), ErrorCode::illegal_generation);
  const std::string id = make_stable("g");
  EXPECT_EQ(run(commit("g", 1)), ErrorCode::unknown_member_id);  // The group has members.
  EXPECT_EQ(run(commit("g", 1, 0, id, 1)), ErrorCode::none);
}

TEST_F(GroupCoordinatorTest, leave_answers_in_the_shape_of_its_version) {
  start();
  const std::string id = make_stable("g");
  EXPECT_EQ(run(leave("g", "stranger", 1)).error_code, ErrorCode::unknown_member_id);
  const auto batched = run(leave("g", "stranger", 3));
  EXPECT_EQ(batched.error_code, ErrorCode::none);
  EXPECT_EQ(batched.members.at(0).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(run(leave("nobody", "m", 4)).members.at(0).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(run(leave("g", id, 0)).error_code, ErrorCode::none);
}

TEST_F(GroupCoordinatorTest, deleted_group_is_gone_for_good) {
  start();
  const std::string id = make_stable("g");
  run(commit("g", 3, 0, id, 1));
  EXPECT_EQ(run(remove("g")), ErrorCode::non_empty_group);
  run(leave("g", id, 5));
  world.run_for(1s);  // The leaver is answered before the rebalance of nobody has ended.
  EXPECT_EQ(run(list("empty")).groups.size(), 1u);
  EXPECT_EQ(run(list("Stable")).groups.size(), 0u);
  EXPECT_EQ(run(remove("g")), ErrorCode::none);
  EXPECT_EQ(run(remove("g")), ErrorCode::group_id_not_found);
  EXPECT_EQ(fetch("g"), -1);
  start();
  EXPECT_EQ(run(list()).groups.size(), 0u);
  EXPECT_EQ(fetch("g"), -1);
  EXPECT_EQ(run(describe("g")).groups.at(0).group_state, "Dead");
}

TEST_F(GroupCoordinatorTest, delete_waits_for_the_commits_before_it) {
  start();
  run(commit("g", 1));
  log_of("g").append_takes = 100ms;
  const auto committed = begin(commit("g", 2, 1));
  const auto removed = begin(remove("g"));
  const auto after = begin(commit("g", 3, 2));
  world.run_for(2s);
  EXPECT_EQ(**committed, ErrorCode::none);
  EXPECT_EQ(**removed, ErrorCode::none);
  EXPECT_EQ(**after, ErrorCode::none);
  EXPECT_EQ(fetch("g", 1), -1);
  EXPECT_EQ(fetch("g", 2), 3);
}

TEST_F(GroupCoordinatorTest, described_member_shows_where_it_comes_from) {
  start();
  const std::string id = make_stable("g");
  const auto described = run(describe("g")).groups.at(0);
  EXPECT_EQ(described.group_state, "Stable");
  EXPECT_EQ(described.protocol_type, "consumer");
  EXPECT_EQ(described.protocol_data, "range");
  ASSERT_EQ(described.members.size(), 1u);
  EXPECT_EQ(described.members[0].member_id, id);
  EXPECT_EQ(described.members[0].client_host, "/10.0.0.1");
  EXPECT_EQ(as_text(described.members[0].member_assignment.view()), "all of it");
}

TEST_F(GroupCoordinatorTest, number_of_groups_is_bounded) {
  config.max_groups = 2;
  start();
  EXPECT_EQ(run(commit("a", 1)), ErrorCode::none);
  EXPECT_EQ(run(commit("b", 1)), ErrorCode::none);
  EXPECT_EQ(run(commit("c", 1)), ErrorCode::group_max_size_reached);
  EXPECT_EQ(run(join("c")).error_code, ErrorCode::group_max_size_reached);
  EXPECT_EQ(run(remove("a")), ErrorCode::none);
  EXPECT_EQ(run(commit("c", 1)), ErrorCode::none);
}

TEST_F(GroupCoordinatorTest, session_timeout_out_of_bounds_is_refused) {
  config.min_session_timeout = 20s;
  start();
  EXPECT_EQ(run(join("g")).error_code, ErrorCode::invalid_session_timeout);
}

TEST_F(GroupCoordinatorTest, long_texts_that_fit_no_record_are_refused) {
  start();
  EXPECT_EQ(run(commit(std::string(40'000, 'g'), 1)), ErrorCode::invalid_group_id);
  EXPECT_EQ(run(join("g", "", "topics", std::string(40'000, 'i'), 9)).error_code, ErrorCode::invalid_request);
}

TEST_F(GroupCoordinatorTest, request_that_is_destroyed_while_it_waits_is_forgotten) {
  start();
  const std::string id = make_stable("g");
  {
    auto waiting = std::make_unique<Scope>(node.env().executor);
    auto later = std::make_shared<std::optional<protocol::JoinGroupResponse>>();
    waiting->spawn(keep<protocol::JoinGroupResponse>(join("g"), later));
    world.run_for(1s);
    EXPECT_FALSE(later->has_value());
  }
  const auto rejoined = run(join("g", id, "other topics"));
  EXPECT_EQ(rejoined.generation_id, 2);
}

// The whole coordinator lives in the node's frames and dies with them, in the middle of everything.
TEST_F(GroupCoordinatorTest, crash_at_any_moment_leaves_nothing_behind) {
  start();
  const std::string id = make_stable("g");
  coordinator.reset();
  for (int moment = 0; moment < 60; ++moment) {
    node.spawn([this](env::Env env) { return live(env); });
    world.run_for(std::chrono::milliseconds(moment * 5));
    node.kill();
    node.restart();
    world.run_for(1ms);
  }
  start();
  EXPECT_EQ(run(describe("g")).groups.at(0).group_state, "Stable");
}

TEST_F(GroupCoordinatorTest, stop_ends_everything) {
  start();
  make_stable("g");
  const auto joined = begin(join("g"));
  run(coordinator->stop());
  world.run_for(1ms);
  EXPECT_EQ((*joined)->error_code, ErrorCode::not_coordinator);
  EXPECT_EQ(run(join("g")).error_code, ErrorCode::coordinator_not_available);
}

// O1 and O2: what was acknowledged is never lost, and the state equals the replay of the log, whatever the log
// does to the appends.
TEST_F(GroupCoordinatorTest, acknowledged_commits_survive_a_bad_log) {
  Prng random = world.stream("bad log");
  start();
  std::map<std::int32_t, std::int64_t> acked;
  for (int round = 0; round < 300; ++round) {
    const std::string group = "g" + std::to_string(random.below(3));
    const auto partition = static_cast<std::int32_t>(random.below(3));
    LogOnDisk& log = log_of(group);
    log.append_takes = std::chrono::milliseconds(random.below(20));
    if (random.chance({1, 5})) log.failures.push_back({random.chance({1, 2}) ? Errc::timed_out : Errc::not_leader});
    if (!log.failures.empty() && log.failures.back().code == Errc::timed_out) {
      log.failures.back().stored = random.chance({1, 2});
    }
    const std::int32_t key = (group.back() - '0') * 10 + partition;
    const ErrorCode error = run(commit(group, round, partition));
    if (error == ErrorCode::none) acked[key] = round;
    world.run_for(std::chrono::milliseconds(random.below(50)));
    if (random.chance({1, 30})) start();
  }
  const auto all = [this] {
    std::map<std::int32_t, std::int64_t> offsets;
    for (std::int32_t g = 0; g < 3; ++g) {
      for (std::int32_t p = 0; p < 3; ++p) offsets[g * 10 + p] = fetch("g" + std::to_string(g), p);
    }
    return offsets;
  };
  world.run_for(1s);
  const auto live = all();
  for (const auto& [key, offset] : acked) EXPECT_GE(live.at(key), offset);
  start();
  EXPECT_EQ(all(), live);
}

}  // namespace
}  // namespace barnabas::coordinator
