// Drives one Group by hand: keeps the answers, plays the log.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/coordinator/group/group.hpp"

namespace barnabas::coordinator::group {

inline Buffer bytes(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }
inline std::string text(const Buffer& buffer) { return std::string(as_text(buffer.view())); }

class GroupDriver {
 public:
  explicit GroupDriver(GroupConfig with = {}) : config(with), group("g", config) {}

  struct Joiner {
    std::string member_id = "";
    std::optional<std::string> instance_id = {};
    bool require_known_member = false;
    bool can_skip_assignment = false;
    Duration session_timeout = 10s;
    Duration rebalance_timeout = 30s;
    std::string protocol_type = "consumer";
    std::vector<std::pair<std::string, std::string>> protocols = {{"range", "topics"}};
  };

  WaiterId join(Joiner who) {
    JoinInput input;
    input.waiter = next_waiter();
    input.member_id = who.member_id;
    input.instance_id = who.instance_id;
    input.client_id = "client";
    input.client_host = "/10.0.0.1";
    input.require_known_member = who.require_known_member;
    input.can_skip_assignment = who.can_skip_assignment;
    input.session_timeout = who.session_timeout;
    input.rebalance_timeout = who.rebalance_timeout;
    input.protocol_type = who.protocol_type;
    for (const auto& [name, metadata] : who.protocols) input.protocols.push_back({name, bytes(metadata)});
    input.fresh_member_id = "m" + std::to_string(++members_made);
    const WaiterId waiter = input.waiter;
    absorb(group.join(std::move(input), at));
    return waiter;
  }
  WaiterId sync(const std::string& member_id, std::int32_t generation,
                std::vector<std::pair<std::string, std::string>> assignments = {}) {
    SyncInput input;
    input.waiter = next_waiter();
    input.member_id = member_id;
    input.generation = generation;
    for (const auto& [id, assignment] : assignments) input.assignments.emplace_back(id, bytes(assignment));
    const WaiterId waiter = input.waiter;
    absorb(group.sync(std::move(input), at));
    return waiter;
  }
  std::vector<ErrorCode> leave(std::vector<MemberIdentity> leavers) {
    std::vector<ErrorCode> errors;
    Effects effects = group.leave(leavers, at, errors);
    absorb(std::move(effects));
    return errors;
  }
  ErrorCode leave(const std::string& member_id) { return leave({{member_id, {}}}).at(0); }
  ErrorCode heartbeat(const std::string& member_id, std::int32_t generation) {
    return group.heartbeat({member_id, {}}, generation, at.now);
  }
  ErrorCode commit(const std::string& member_id, std::int32_t generation) {
    return group.commit({member_id, {}}, generation, at.now);
  }

  // Lets time pass; each deadline on the way is looked at when it is due.
  void pass(Duration duration) {
    const Instant end = at.now + duration;
    int looks = 0;
    while (!group.writing()) {
      const auto next = group.next_deadline();
      if (!next || *next > end) break;
      at.now = std::max(at.now, *next);
      ASSERT_LT(++looks, 1000) << "a deadline that stays due";
      absorb(group.timer(at));
    }
    at.now = end;
  }

  void absorb(Effects effects) {
    for (Reply& reply : effects.replies) {
      const WaiterId waiter = std::visit([](const auto& each) { return each.waiter; }, reply);
      ASSERT_FALSE(answers.contains(waiter)) << "answered twice";
      answers.emplace(waiter, std::move(reply));
    }
    ASSERT_EQ(effects.record.has_value(), group.writing());
    if (!effects.record) return;
    written = *effects.record;
    if (writes_succeed) finish_write();
  }
  void finish_write() {
    log.push_back(*written);
    group.replay(*std::exchange(written, {}));
    absorb(group.written(at));
  }
  void fail_write(ErrorCode error) {
    written.reset();
    absorb(group.write_failed(error, at));
  }

  bool answered(WaiterId waiter) const { return answers.contains(waiter); }
  const JoinReply& joined(WaiterId waiter) const { return std::get<JoinReply>(answers.at(waiter)); }
  const SyncReply& synced(WaiterId waiter) const { return std::get<SyncReply>(answers.at(waiter)); }

  // A stable group of `count` dynamic members; their ids.
  std::vector<std::string> make_stable(int count) {
    std::vector<std::string> ids;
    std::vector<WaiterId> waits;
    for (int i = 0; i < count; ++i) {
      waits.push_back(join({}));
      // Each newcomer makes those who are in join again.
      for (std::size_t j = 0; j < ids.size(); ++j) waits[j] = join({.member_id = ids[j]});
      EXPECT_TRUE(answered(waits.back()));
      ids.push_back(joined(waits.back()).member_id);
    }
    const JoinReply& leader = joined(waits.front());
    std::vector<std::pair<std::string, std::string>> assignments;
    for (const std::string& id : ids) assignments.emplace_back(id, "part of " + id);
    for (const std::string& id : ids)
      sync(id, leader.generation, id == leader.leader ? assignments : decltype(assignments){});
    EXPECT_EQ(group.state(), GroupState::stable);
    return ids;
  }

  WaiterId next_waiter() { return ++last_waiter; }

  GroupConfig config;
  Group group;
  Moment at{Instant(1000s), Timestamp(1'700'000'000'000)};
  std::map<WaiterId, Reply> answers;
  std::vector<GroupMetadata> log;
  std::optional<GroupMetadata> written;
  bool writes_succeed = true;
  int members_made = 0;
  WaiterId last_waiter{0};
};

}  // namespace barnabas::coordinator::group
