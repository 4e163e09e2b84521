// Sessions, requests and watches of the server machine, as a client on the wire sees them.
#include "core/zookeeper/codec.hpp"
#include "tests/zookeeper/machine_client.hpp"

namespace barnabas::zookeeper {
namespace {

using wire::OpCode;

constexpr ConnectionId kOne{1};
constexpr ConnectionId kTwo{2};

struct Fixture : MachineClient {
  wire::ConnectResponse first = open(kOne);

  bool come_back(ConnectionId connection, const wire::ConnectResponse& known) {
    return hello(connection, {0, Zxid(0), 10'000, known.session, known.password, false});
  }
};

TEST(ServerSession, a_timeout_is_kept_within_the_limits) {
  MachineClient server;
  EXPECT_EQ(server.open(ConnectionId(5), 1).timeout_ms, 6'000);
  EXPECT_EQ(server.open(ConnectionId(6), 18'000).timeout_ms, 18'000);
  EXPECT_EQ(server.open(ConnectionId(7), 999'000).timeout_ms, 60'000);
}

TEST(ServerSession, short_ones_are_given_where_the_limits_allow_them_and_end_in_time) {
  SessionLimits limits;
  limits.tick = 500ms;
  limits.min_timeout = 1s;
  MachineClient server(limits);
  EXPECT_EQ(server.open(kOne, 1).timeout_ms, 1'000);
  EXPECT_EQ(server.create(kOne, "/e", 1), Code::ok);
  server.now += 999ms;
  EXPECT_TRUE(server.take(server.machine.expire({server.now, server.wall}, true)));
  EXPECT_NE(server.tree.find("/e"), nullptr);
  server.now += 51ms;
  EXPECT_TRUE(server.take(server.machine.expire({server.now, server.wall}, true)));
  EXPECT_EQ(server.tree.find("/e"), nullptr);
}

TEST(ServerSession, a_client_of_before_3_4_gets_an_answer_without_the_read_only_flag) {
  MachineClient server;
  ASSERT_TRUE(server.hello(kOne, {0, Zxid(0), 10'000, kNoSession, Buffer::copy_of(Password{}), std::nullopt}));
  EXPECT_EQ(server.pop(kOne).size(), 4U + 36U);
  server.open(kTwo);
  ASSERT_TRUE(server.hello(ConnectionId(3), {0, Zxid(0), 10'000, kNoSession, Buffer::copy_of(Password{}), true}));
  EXPECT_EQ(server.pop(ConnectionId(3)).size(), 4U + 37U);
}

TEST(ServerSession, a_session_moves_to_a_new_connection_and_the_old_one_is_closed) {
  Fixture f;
  EXPECT_EQ(f.create(kOne, "/e", 1), Code::ok);
  ASSERT_TRUE(f.come_back(kTwo, f.first));
  EXPECT_TRUE(f.closed[kOne]);
  const auto again = f.welcome(kTwo);
  EXPECT_EQ(again.session, f.first.session);
  EXPECT_EQ(again.timeout_ms, f.first.timeout_ms);
  // What the old one still had on its way is not answered.
  EXPECT_TRUE(f.send(kOne, 9, OpCode::create, wire::CreateRequest{"/late", Buffer(), to_vector(nullptr), 0}));
  EXPECT_TRUE(f.silent(kOne));
  EXPECT_EQ(f.tree.find("/late"), nullptr);
  f.machine.disconnect(kOne);
  EXPECT_EQ(f.machine.session_of(kTwo), f.first.session);
  EXPECT_NE(f.tree.find("/e"), nullptr);
}

TEST(ServerSession, a_wrong_password_or_an_unknown_session_is_told_that_it_expired) {
  Fixture f;
  auto wrong = f.first;
  wrong.password = Buffer::copy_of(Password{});
  ASSERT_TRUE(f.come_back(kTwo, wrong));
  const auto refused = f.welcome(kTwo);
  EXPECT_EQ(refused.session, kNoSession);
  EXPECT_EQ(refused.timeout_ms, 0);
  EXPECT_EQ(as_text(refused.password->view()), std::string(16, '\0'));
  EXPECT_TRUE(f.closed[kTwo]);
  EXPECT_FALSE(f.closed[kOne]);
  auto unknown = f.first;
  unknown.session = SessionId(42);
  ASSERT_TRUE(f.come_back(ConnectionId(3), unknown));
  EXPECT_EQ(f.welcome(ConnectionId(3)).session, kNoSession);
}

TEST(ServerSession, nobody_comes_back_to_a_session_of_this_process) {
  Fixture f;
  const auto local = f.machine.open_local(kTwo, {f.now, f.wall});
  wire::ConnectResponse guess;
  guess.session = local.session;
  guess.password = Buffer::copy_of(Password{});
  ASSERT_TRUE(f.come_back(ConnectionId(3), guess));
  EXPECT_EQ(f.welcome(ConnectionId(3)).session, kNoSession);
}

TEST(ServerSession, a_client_that_has_seen_more_than_we_have_is_sent_away_without_an_answer) {
  Fixture f;
  EXPECT_FALSE(f.hello(kTwo, {0, Zxid(1'000), 10'000, kNoSession, Buffer::copy_of(Password{}), false}));
  EXPECT_TRUE(f.silent(kTwo));
}

TEST(ServerSession, silence_ends_it_and_any_request_puts_that_off) {
  Fixture f;
  f.open(kTwo, 60'000);
  EXPECT_EQ(f.create(kOne, "/e", 1), Code::ok);
  f.now += 9s;
  f.ask(kOne, OpCode::ping);
  f.now += 9s;
  EXPECT_TRUE(f.take(f.machine.expire({f.now, f.wall}, true)));
  EXPECT_NE(f.tree.find("/e"), nullptr);
  f.now += 1s + 300ms;  // A tenth of a tick above 10 s.
  f.ask(kTwo, OpCode::exists, wire::ReadRequest{"/e", true});
  EXPECT_TRUE(f.take(f.machine.expire({f.now, f.wall}, true)));
  EXPECT_EQ(f.tree.find("/e"), nullptr);
  EXPECT_TRUE(f.closed[kOne]);
  EXPECT_EQ(event_text(f.next(kTwo)), "2 /e");
  ASSERT_TRUE(f.come_back(ConnectionId(3), f.first));
  EXPECT_EQ(f.welcome(ConnectionId(3)).session, kNoSession);
}

TEST(ServerSession, a_lost_connection_does_not_end_it) {
  Fixture f;
  EXPECT_EQ(f.create(kOne, "/e", 1), Code::ok);
  f.machine.disconnect(kOne);
  f.now += 5s;
  EXPECT_TRUE(f.take(f.machine.expire({f.now, f.wall}, true)));
  EXPECT_NE(f.tree.find("/e"), nullptr);
}

TEST(ServerSession, after_a_restart_it_has_its_whole_timeout) {
  Fixture f;
  EXPECT_EQ(f.create(kOne, "/e", 1), Code::ok);
  ZnodeTree copy = ZnodeTree::deserialize(f.tree.serialize()).value();
  const Instant later = f.now + 1000s;
  ServerMachine restarted(copy, SessionLimits{}, later);
  EXPECT_TRUE(restarted.end_orphans({later, f.wall}).transactions.empty());
  EXPECT_TRUE(restarted.expire({later + 9s, f.wall}, true).transactions.empty());
  EXPECT_EQ(restarted.expire({later + 14s, f.wall}, true).transactions.size(), 1U);
  EXPECT_EQ(copy.find("/e"), nullptr);
}

TEST(ServerSession, closing_answers_after_the_events_and_then_closes_the_connection) {
  Fixture f;
  EXPECT_EQ(f.create(kOne, "/e", 1), Code::ok);
  f.ask(kOne, OpCode::get_data, wire::ReadRequest{"/e", true});
  ASSERT_TRUE(f.send(kOne, 77, OpCode::close_session));
  EXPECT_EQ(event_text(f.next(kOne)), "2 /e");
  EXPECT_EQ(f.next(kOne).header.xid, 77);
  EXPECT_TRUE(f.closed[kOne]);
  EXPECT_FALSE(f.tree.has_session(f.first.session));
}

TEST(ServerSession, no_session_begins_or_ends_while_the_disk_is_full) {
  Fixture f;
  f.may_write = false;
  EXPECT_FALSE(f.hello(kTwo, {0, Zxid(0), 10'000, kNoSession, Buffer::copy_of(Password{}), false}));
  EXPECT_EQ(f.refusal.code, Errc::no_space);
  const Zxid before = f.tree.last_zxid();
  EXPECT_EQ(f.create(kOne, "/a"), Code::system_error);
  f.now += 100s;
  EXPECT_TRUE(f.take(f.machine.expire({f.now, f.wall}, false)));
  EXPECT_EQ(f.tree.last_zxid(), before);
  EXPECT_TRUE(f.tree.has_session(f.first.session));
  f.may_write = true;
  EXPECT_EQ(f.create(kOne, "/a"), Code::ok);
}

TEST(ServerBounds, the_paths_of_a_sessions_ephemerals_fit_into_the_transaction_that_ends_it) {
  Fixture f;
  const std::string path = "/" + std::string(900'000, 'x');
  int made = 0;
  while (f.create(kOne, path + std::to_string(made), 1) == Code::ok) ++made;
  EXPECT_EQ(made, 18);
  EXPECT_EQ(f.create(kOne, path), Code::ok);  // Of the others there may be more.
  ASSERT_TRUE(f.send(kOne, 77, OpCode::close_session));
  Writer out;
  encode(out, f.transactions.back());
  EXPECT_LT(out.size(), kMaxChangeSize);
  EXPECT_EQ(f.transactions.back().changes.size(), 18U);
}

TEST(ServerBounds, a_multi_whose_acls_grow_beyond_measure_is_refused) {
  Fixture f;
  for (int i = 0; i < 15; ++i) {
    const std::string text = std::string(500, static_cast<char>('a' + i)) + ":x";
    f.ask(kOne, OpCode::auth, wire::AuthPacket{0, "digest", Buffer::copy_of(as_bytes(text))});
  }
  wire::MultiRequest multi;
  for (int i = 0; i < 10'000; ++i) {
    multi.ops.push_back(
        {OpCode::create, wire::CreateRequest{"/" + std::to_string(i), std::nullopt, {{31, "auth", ""}}, 0}});
  }
  const auto response = f.ask(kOne, OpCode::multi, multi).as<wire::MultiResponse>();
  EXPECT_EQ(std::get<wire::ErrorResponse>(response.results[9'000].body).err, Code::runtime_inconsistency);
  EXPECT_EQ(f.tree.size(), 4U);
}

TEST(ServerBounds, sessions_and_the_tree_have_one) {
  ZnodeTree tree;
  SessionLimits limits;
  limits.max_sessions = 1;
  limits.max_tree_bytes = tree.memory() + 1'000;
  MachineClient f(limits);
  f.open(kOne);
  EXPECT_FALSE(f.hello(kTwo, {0, Zxid(0), 10'000, kNoSession, Buffer::copy_of(Password{}), false}));
  EXPECT_EQ(f.create(kOne, "/a"), Code::ok);
  EXPECT_EQ(f.create(kOne, "/b"), Code::ok);
  EXPECT_EQ(f.create(kOne, "/c"), Code::ok);
  EXPECT_EQ(f.create(kOne, "/d"), Code::quota_exceeded);
  EXPECT_EQ(f.ask(kOne, OpCode::remove, wire::DeleteRequest{"/a", -1}).header.err, Code::ok);
  EXPECT_EQ(f.create(kOne, "/d"), Code::ok);
}

TEST(ServerBounds, the_watches_of_all_connections_have_one) {
  SessionLimits limits;
  limits.max_watch_bytes = 10'000'000;
  MachineClient f(limits);
  const std::string path = "/" + std::string(900'000, 'x');
  std::uint64_t connection = 0;
  do {
    f.open(ConnectionId(++connection));
  } while (connection < 100 && f.send(ConnectionId(connection), 1, OpCode::exists, wire::ReadRequest{path, true}));
  EXPECT_EQ(connection, 12U);
  EXPECT_EQ(f.refusal.code, Errc::too_large);
  f.machine.disconnect(ConnectionId(connection));
  f.machine.disconnect(ConnectionId(1));
  const ConnectionId late(200);
  f.open(late);
  EXPECT_TRUE(f.send(late, 1, OpCode::exists, wire::ReadRequest{path, true}));
}

TEST(ServerBounds, thousands_of_sessions_watches_and_children_leave_nothing_behind) {
  constexpr std::uint64_t kSessions = 5'000;
  MachineClient f;
  f.open(kOne);
  f.create(kOne, "/ids");
  for (std::uint64_t i = 2; i < kSessions; ++i) {
    const ConnectionId one(i);
    f.open(one);
    ASSERT_EQ(f.create(one, "/ids/" + std::to_string(i), 1), Code::ok);
    const wire::ReadRequest own{"/of/" + std::to_string(i), true};
    ASSERT_EQ(f.ask(one, OpCode::exists, wire::ReadRequest{"/ids", true}).header.err, Code::ok);
    ASSERT_EQ(f.ask(one, OpCode::exists, own).header.err, Code::no_node);
  }
  EXPECT_EQ(f.machine.watches().size(), 2 * (kSessions - 2));
  const auto list = f.ask(kOne, OpCode::get_children2, wire::ReadRequest{"/ids", true});
  const auto children = list.as<wire::Children2Response>();
  EXPECT_EQ(children.children.size(), kSessions - 2);
  EXPECT_EQ(f.ask(kOne, OpCode::set_data, wire::SetDataRequest{"/ids", Buffer(), -1}).header.err, Code::ok);
  EXPECT_EQ(event_text(f.next(ConnectionId(kSessions - 1))), "3 /ids");
  f.now += 100s;
  EXPECT_TRUE(f.take(f.machine.expire({f.now, f.wall}, true)));
  EXPECT_TRUE(f.tree.session_table().empty());
  EXPECT_TRUE(f.tree.find("/ids")->children.empty());
  EXPECT_EQ(f.machine.watches().size(), 0U);
  EXPECT_EQ(f.machine.watches().bytes(), 0U);
  EXPECT_FALSE(f.machine.has_deadlines());
}

TEST(ServerRequest, a_create_is_answered_with_its_path_and_zxid) {
  Fixture f;
  const auto reply = f.ask(kOne, OpCode::create, wire::CreateRequest{"/s-", Buffer(), to_vector(nullptr), 2});
  EXPECT_EQ(reply.as<wire::CreateResponse>().path, "/s-0000000000");
  EXPECT_EQ(reply.header.zxid, f.tree.last_zxid());
  const auto with_stat = f.ask(kOne, OpCode::create2, wire::CreateRequest{"/b", Buffer(), to_vector(nullptr), 0});
  EXPECT_EQ(with_stat.as<wire::Create2Response>().stat.czxid, f.tree.last_zxid());
}

TEST(ServerRequest, a_refused_write_takes_a_zxid_and_has_no_body) {
  Fixture f;
  const Zxid before = f.tree.last_zxid();
  const auto reply = f.ask(kOne, OpCode::remove, wire::DeleteRequest{"/missing", -1});
  EXPECT_EQ(reply.header.err, Code::no_node);
  EXPECT_EQ(reply.header.zxid, before + 1);
  EXPECT_TRUE(reply.body.empty());
}

TEST(ServerRequest, a_time_to_live_is_refused_and_a_container_goes_with_its_last_child) {
  Fixture f;
  EXPECT_EQ(
      f.ask(kOne, OpCode::create_ttl, wire::CreateTtlRequest{"/t", Buffer(), to_vector(nullptr), 5, 9}).header.err,
      Code::unimplemented);
  EXPECT_EQ(f.create(kOne, "/t", 5), Code::unimplemented);
  EXPECT_EQ(f.create(kOne, "/t", 9), Code::bad_arguments);
  EXPECT_EQ(f.create(kOne, "/c", 4), Code::ok);
  EXPECT_TRUE(f.take(f.machine.sweep_containers({f.now, f.wall})));
  EXPECT_NE(f.tree.find("/c"), nullptr);  // It has had no child yet.
  EXPECT_EQ(f.create(kOne, "/c/x"), Code::ok);
  EXPECT_TRUE(f.take(f.machine.sweep_containers({f.now, f.wall})));
  EXPECT_NE(f.tree.find("/c"), nullptr);
  f.ask(kOne, OpCode::remove, wire::DeleteRequest{"/c/x", -1});
  EXPECT_TRUE(f.take(f.machine.sweep_containers({f.now, f.wall})));
  EXPECT_EQ(f.tree.find("/c"), nullptr);
}

wire::MultiOp create_op(std::string path, std::int32_t flags = 0) {
  return {OpCode::create, wire::CreateRequest{std::move(path), Buffer(), to_vector(nullptr), flags}};
}

TEST(ServerRequest, a_multi_that_fails_names_the_operation_and_changes_nothing) {
  Fixture f;
  wire::MultiRequest multi;
  multi.ops = {create_op("/a"), {OpCode::check, wire::CheckRequest{"/missing", 3}}, create_op("/b")};
  const auto reply = f.ask(kOne, OpCode::multi, multi);
  EXPECT_EQ(reply.header.err, Code::ok);
  const auto response = reply.as<wire::MultiResponse>();
  std::vector<Code> codes;
  for (const auto& item : response.results) codes.push_back(std::get<wire::ErrorResponse>(item.body).err);
  EXPECT_EQ(codes, (std::vector<Code>{Code::ok, Code::no_node, Code::runtime_inconsistency}));
  EXPECT_EQ(f.tree.find("/a"), nullptr);
}

TEST(ServerRequest, a_multi_takes_one_zxid_and_its_events_come_before_its_answer) {
  Fixture f;
  f.ask(kOne, OpCode::exists, wire::ReadRequest{"/a", true});
  f.ask(kOne, OpCode::get_children2, wire::ReadRequest{"/", true});
  const Zxid before = f.tree.last_zxid();
  wire::MultiRequest multi;
  multi.ops = {create_op("/a"), {OpCode::set_data, wire::SetDataRequest{"/a", Buffer(), 0}}};
  ASSERT_TRUE(f.send(kOne, 500, OpCode::multi, multi));
  EXPECT_EQ(event_text(f.next(kOne)), "1 /a");
  EXPECT_EQ(event_text(f.next(kOne)), "4 /");
  const auto reply = f.next(kOne);
  EXPECT_EQ(reply.header.xid, 500);
  EXPECT_EQ(reply.header.zxid, before + 1);
  EXPECT_EQ(std::get<wire::StatResponse>(reply.as<wire::MultiResponse>().results[1].body).stat.version, 1);
}

TEST(ServerRequest, the_reads_of_a_multi_read_fail_one_by_one_and_their_sum_is_bounded) {
  Fixture f;
  f.create(kOne, "/a");
  wire::MultiRequest reads;
  reads.ops = {{OpCode::get_data, wire::ReadRequest{"/a", false}},
               {OpCode::get_data, wire::ReadRequest{"/missing", false}},
               {OpCode::get_children, wire::ReadRequest{"/", false}}};
  const auto response = f.ask(kOne, OpCode::multi_read, reads).as<wire::MultiResponse>();
  ASSERT_EQ(response.results.size(), 3U);
  EXPECT_EQ(std::get<wire::ErrorResponse>(response.results[1].body).err, Code::no_node);
  EXPECT_EQ(std::get<wire::ChildrenResponse>(response.results[2].body).children.size(), 2U);
  const Buffer large = Buffer::copy_of(std::vector<std::byte>(500'000));
  f.ask(kOne, OpCode::set_data, wire::SetDataRequest{"/a", large, -1});
  reads.ops.assign(1'000, {OpCode::get_data, wire::ReadRequest{"/a", false}});
  EXPECT_FALSE(f.send(kOne, 900, OpCode::multi_read, reads));
}

TEST(ServerRequest, bytes_that_are_no_request_are_an_error_and_unknown_operations_are_refused) {
  Fixture f;
  EXPECT_FALSE(f.take(f.machine.handle(kOne, ByteView(), {f.now, f.wall}, true)));
  EXPECT_FALSE(f.send(kOne, 1, OpCode::create, wire::PathRequest{"/short"}));
  EXPECT_FALSE(f.send(kOne, 1, OpCode::multi, wire::MultiHeader{OpCode::create, false, -1}));
  EXPECT_EQ(f.ask(kOne, static_cast<OpCode>(4'711)).header.err, Code::unimplemented);
  EXPECT_EQ(f.ask(kOne, OpCode::reconfig).header.err, Code::reconfig_disabled);
}

TEST(ServerRequest, ephemerals_children_and_identities_are_listed) {
  Fixture f;
  f.create(kOne, "/a");
  f.create(kOne, "/a/e", 1);
  f.create(kOne, "/z", 1);
  EXPECT_EQ(f.ask(kOne, OpCode::get_ephemerals, wire::PathRequest{"/"}).as<wire::StringsResponse>().strings,
            (std::vector<std::string>{"/a/e", "/z"}));
  EXPECT_EQ(f.ask(kOne, OpCode::get_ephemerals, wire::PathRequest{"/a"}).as<wire::StringsResponse>().strings,
            (std::vector<std::string>{"/a/e"}));
  EXPECT_EQ(f.ask(kOne, OpCode::get_all_children_number, wire::PathRequest{"/"}).as<wire::CountResponse>().count, 6);
  EXPECT_EQ(f.ask(kOne, OpCode::get_all_children_number, wire::PathRequest{"/a"}).as<wire::CountResponse>().count, 1);
  const auto who = f.ask(kOne, OpCode::who_am_i).as<wire::WhoAmIResponse>();
  ASSERT_EQ(who.clients.size(), 1U);
  EXPECT_EQ(who.clients[0].scheme + ":" + who.clients[0].user, "ip:10.0.0.1");
}

struct AclFixture : Fixture {
  AclFixture() { open(kTwo); }

  Code auth(ConnectionId connection, std::string_view text) {
    const wire::AuthPacket packet{0, "digest", Buffer::copy_of(as_bytes(text))};
    return ask(connection, OpCode::auth, packet).header.err;
  }
};

TEST(ServerAcl, what_is_mine_nobody_else_may_read_or_change) {
  AclFixture f;
  EXPECT_EQ(f.auth(kOne, "bob:secret"), Code::ok);
  EXPECT_EQ(f.create(kOne, "/mine", 0, {{31, "auth", ""}}), Code::ok);
  const wire::ReadRequest read{"/mine", false};
  EXPECT_EQ(f.ask(kOne, OpCode::get_data, read).header.err, Code::ok);
  EXPECT_EQ(f.ask(kTwo, OpCode::get_data, read).header.err, Code::no_auth);
  EXPECT_EQ(f.ask(kTwo, OpCode::get_children2, read).header.err, Code::no_auth);
  EXPECT_EQ(f.ask(kTwo, OpCode::exists, read).header.err, Code::ok);
  EXPECT_EQ(f.ask(kTwo, OpCode::set_data, wire::SetDataRequest{"/mine", Buffer(), -1}).header.err, Code::no_auth);
  EXPECT_EQ(f.create(kTwo, "/mine/x"), Code::no_auth);
  EXPECT_EQ(f.create(kOne, "/mine/x"), Code::ok);
  EXPECT_EQ(f.ask(kTwo, OpCode::remove, wire::DeleteRequest{"/mine/x", -1}).header.err, Code::no_auth);
  EXPECT_EQ(f.ask(kTwo, OpCode::get_acl, wire::PathRequest{"/mine"}).header.err, Code::no_auth);
  EXPECT_EQ(f.auth(kTwo, "bob:secret"), Code::ok);
  const auto acl = f.ask(kTwo, OpCode::get_acl, wire::PathRequest{"/mine"}).as<wire::GetAclResponse>().acl;
  ASSERT_EQ(acl.size(), 1U);
  EXPECT_EQ(acl[0].id, "bob:fyVmFCwVbTJYrznoSu1koqYEYF0=");
  EXPECT_EQ(f.ask(kTwo, OpCode::remove, wire::DeleteRequest{"/mine/x", -1}).header.err, Code::ok);
}

TEST(ServerAcl, a_reader_sees_no_hashes) {
  AclFixture f;
  EXPECT_EQ(f.auth(kOne, "bob:secret"), Code::ok);
  EXPECT_EQ(f.create(kOne, "/a", 0, {{31, "auth", ""}, {1, "world", "anyone"}}), Code::ok);
  const auto acl = f.ask(kTwo, OpCode::get_acl, wire::PathRequest{"/a"}).as<wire::GetAclResponse>().acl;
  ASSERT_EQ(acl.size(), 2U);
  EXPECT_EQ(acl[0].id, "bob:x");
}

TEST(ServerAcl, an_acl_that_is_not_valid_is_refused) {
  AclFixture f;
  EXPECT_EQ(f.create(kOne, "/a", 0, {}), Code::invalid_acl);
  EXPECT_EQ(f.create(kOne, "/a", 0, {{31, "auth", ""}}), Code::invalid_acl);
  EXPECT_EQ(f.create(kOne, "/a", 0, {{31, "sasl", "bob"}}), Code::invalid_acl);
  EXPECT_EQ(f.create(kOne, "/a", 0, {{31, "world", "somebody"}}), Code::invalid_acl);
  EXPECT_EQ(f.create(kOne, "/a", 0, {{31, "ip", "10.0.0.300"}}), Code::invalid_acl);
  EXPECT_EQ(f.create(kOne, "/a", 0, {{31, "digest", "bob"}}), Code::invalid_acl);
}

TEST(ServerAcl, an_address_range_lets_in_whom_it_covers) {
  AclFixture f;
  EXPECT_EQ(f.create(kOne, "/in", 0, {{31, "ip", "10.0.0.0/8"}}), Code::ok);
  EXPECT_EQ(f.create(kOne, "/out", 0, {{31, "ip", "10.0.0.2/31"}}), Code::ok);
  EXPECT_EQ(f.ask(kTwo, OpCode::get_data, wire::ReadRequest{"/in", false}).header.err, Code::ok);
  EXPECT_EQ(f.ask(kTwo, OpCode::get_data, wire::ReadRequest{"/out", false}).header.err, Code::no_auth);
}

TEST(ServerAcl, setting_one_needs_admin_and_its_version) {
  AclFixture f;
  EXPECT_EQ(f.create(kOne, "/a", 0, {{15, "world", "anyone"}, {16, "ip", "10.9.9.9"}}), Code::ok);
  EXPECT_EQ(f.ask(kOne, OpCode::set_acl, wire::SetAclRequest{"/a", to_vector(nullptr), -1}).header.err, Code::no_auth);
  EXPECT_EQ(f.create(kOne, "/b"), Code::ok);
  const wire::SetAclRequest request{"/b", {{1, "world", "anyone"}, {16, "world", "anyone"}}, 0};
  EXPECT_EQ(f.ask(kOne, OpCode::set_acl, request).as<wire::StatResponse>().stat.aversion, 1);
  EXPECT_EQ(f.ask(kOne, OpCode::set_acl, request).header.err, Code::bad_version);
  EXPECT_EQ(f.ask(kOne, OpCode::set_data, wire::SetDataRequest{"/b", Buffer(), -1}).header.err, Code::no_auth);
  // It survives a snapshot.
  const ZnodeTree copy = ZnodeTree::deserialize(f.tree.serialize()).value();
  EXPECT_EQ(*copy.find("/b")->acl, request.acl);
  EXPECT_EQ(copy.find("/b")->aversion, 1);
}

TEST(ServerAcl, a_watch_tells_nobody_of_a_znode_that_it_may_not_read) {
  AclFixture f;
  EXPECT_EQ(f.auth(kOne, "bob:secret"), Code::ok);
  const std::vector<Acl> own{{31, "auth", ""}};
  EXPECT_EQ(f.create(kOne, "/open"), Code::ok);
  f.ask(kTwo, OpCode::add_watch, wire::AddWatchRequest{"/open", wire::AddWatchMode::persistent_recursive});
  f.ask(kTwo, OpCode::add_watch, wire::AddWatchRequest{"/later", wire::AddWatchMode::persistent});
  f.ask(kTwo, OpCode::exists, wire::ReadRequest{"/once", true});
  EXPECT_EQ(f.create(kOne, "/open/secret", 0, own), Code::ok);
  EXPECT_EQ(f.create(kOne, "/open/secret/deeper", 0, own), Code::ok);
  f.ask(kOne, OpCode::set_data, wire::SetDataRequest{"/open/secret", Buffer(), -1});
  f.ask(kOne, OpCode::remove, wire::DeleteRequest{"/open/secret/deeper", -1});
  EXPECT_EQ(f.create(kOne, "/later", 0, own), Code::ok);
  EXPECT_EQ(f.create(kOne, "/later/child"), Code::ok);
  EXPECT_EQ(f.create(kOne, "/once", 0, own), Code::ok);
  EXPECT_TRUE(f.silent(kTwo));
  EXPECT_EQ(f.create(kOne, "/open/plain"), Code::ok);
  EXPECT_EQ(event_text(f.next(kTwo)), "1 /open/plain");
  // Who proves later that it may read is told from then on; the watch that fires once is gone.
  EXPECT_EQ(f.auth(kTwo, "bob:secret"), Code::ok);
  f.ask(kOne, OpCode::set_data, wire::SetDataRequest{"/open/secret", Buffer(), -1});
  EXPECT_EQ(event_text(f.next(kTwo)), "3 /open/secret");
  f.ask(kOne, OpCode::set_data, wire::SetDataRequest{"/later", Buffer(), -1});
  EXPECT_EQ(event_text(f.next(kTwo)), "3 /later");
  f.ask(kOne, OpCode::set_data, wire::SetDataRequest{"/once", Buffer(), -1});
  EXPECT_TRUE(f.silent(kTwo));
}

TEST(ServerAcl, an_unknown_scheme_is_refused_and_the_connection_closed) {
  AclFixture f;
  EXPECT_EQ(f.ask(kOne, OpCode::auth, wire::AuthPacket{0, "kerberos", Buffer()}).header.err, Code::auth_failed);
  EXPECT_TRUE(f.closed[kOne]);
}

TEST(ServerWatch, each_kind_fires_once_and_for_what_it_is) {
  Fixture f;
  f.open(kTwo);
  f.ask(kOne, OpCode::exists, wire::ReadRequest{"/a", true});
  f.ask(kOne, OpCode::get_data, wire::ReadRequest{"/missing", true});  // Sets nothing: it is not there.
  f.create(kTwo, "/missing");
  EXPECT_TRUE(f.silent(kOne));
  f.create(kTwo, "/a");
  EXPECT_EQ(event_text(f.next(kOne)), "1 /a");
  f.ask(kTwo, OpCode::set_data, wire::SetDataRequest{"/a", Buffer(), -1});
  EXPECT_TRUE(f.silent(kOne));
  f.ask(kOne, OpCode::get_data, wire::ReadRequest{"/a", true});
  f.ask(kOne, OpCode::get_children, wire::ReadRequest{"/a", true});
  f.ask(kTwo, OpCode::set_data, wire::SetDataRequest{"/a", Buffer(), -1});
  EXPECT_EQ(event_text(f.next(kOne)), "3 /a");
  f.create(kTwo, "/a/b");
  EXPECT_EQ(event_text(f.next(kOne)), "4 /a");
  EXPECT_TRUE(f.silent(kOne));
}

TEST(ServerWatch, a_removal_is_told_once_to_who_watches_data_and_children) {
  Fixture f;
  f.create(kOne, "/a");
  f.ask(kOne, OpCode::get_data, wire::ReadRequest{"/a", true});
  f.ask(kOne, OpCode::get_children, wire::ReadRequest{"/a", true});
  ASSERT_TRUE(f.send(kOne, 88, OpCode::remove, wire::DeleteRequest{"/a", -1}));
  EXPECT_EQ(event_text(f.next(kOne)), "2 /a");
  EXPECT_EQ(f.next(kOne).header.xid, 88);
  EXPECT_EQ(f.machine.watches().size(), 0U);
}

TEST(ServerWatch, an_event_comes_before_any_answer_that_shows_the_change) {
  Fixture f;
  f.open(kTwo);
  f.create(kOne, "/a");
  f.ask(kOne, OpCode::get_data, wire::ReadRequest{"/a", true});
  f.ask(kTwo, OpCode::set_data, wire::SetDataRequest{"/a", Buffer(), -1});
  ASSERT_TRUE(f.send(kOne, 90, OpCode::get_data, wire::ReadRequest{"/a", false}));
  EXPECT_EQ(event_text(f.next(kOne)), "3 /a");
  EXPECT_EQ(f.next(kOne).as<wire::GetDataResponse>().stat.version, 1);
}

TEST(ServerWatch, persistent_ones_stay_and_recursive_ones_see_all_below_but_no_lists) {
  Fixture f;
  f.ask(kOne, OpCode::add_watch, wire::AddWatchRequest{"/p", wire::AddWatchMode::persistent});
  f.ask(kOne, OpCode::add_watch, wire::AddWatchRequest{"/r", wire::AddWatchMode::persistent_recursive});
  f.open(kTwo);
  f.create(kTwo, "/p");
  f.create(kTwo, "/p/x");
  f.ask(kTwo, OpCode::set_data, wire::SetDataRequest{"/p", Buffer(), -1});
  f.create(kTwo, "/r");
  f.create(kTwo, "/r/x");
  f.create(kTwo, "/r/x/y");
  f.ask(kTwo, OpCode::remove, wire::DeleteRequest{"/r/x/y", -1});
  for (const std::string_view expected : {"1 /p", "4 /p", "3 /p", "1 /r", "1 /r/x", "1 /r/x/y", "2 /r/x/y"}) {
    EXPECT_EQ(event_text(f.next(kOne)), expected);
  }
  EXPECT_TRUE(f.silent(kOne));
}

TEST(ServerWatch, removing_one_that_is_not_there_is_refused) {
  Fixture f;
  f.ask(kOne, OpCode::exists, wire::ReadRequest{"/a", true});
  const wire::WatchesRequest child{"/a", wire::WatcherType::children};
  const wire::WatchesRequest data{"/a", wire::WatcherType::data};
  EXPECT_EQ(f.ask(kOne, OpCode::check_watches, child).header.err, Code::no_watcher);
  EXPECT_EQ(f.ask(kOne, OpCode::check_watches, data).header.err, Code::ok);
  EXPECT_EQ(f.ask(kOne, OpCode::remove_watches, data).header.err, Code::ok);
  EXPECT_EQ(f.ask(kOne, OpCode::remove_watches, data).header.err, Code::no_watcher);
  f.create(kOne, "/a");
  EXPECT_TRUE(f.silent(kOne));
}

TEST(ServerWatch, set_watches_tells_what_was_missed_and_arms_the_rest) {
  Fixture f;
  for (const std::string path : {"/same", "/changed", "/gone", "/list"}) f.create(kOne, path);
  const Zxid seen = f.tree.last_zxid();
  f.ask(kOne, OpCode::set_data, wire::SetDataRequest{"/changed", Buffer(), -1});
  f.ask(kOne, OpCode::remove, wire::DeleteRequest{"/gone", -1});
  f.create(kOne, "/list/x");
  f.create(kOne, "/made");
  ASSERT_TRUE(f.come_back(kTwo, f.first));
  f.welcome(kTwo);
  const wire::SetWatches request{
      seen, {"/same", "/changed", "/gone"}, {"/made", "/later"}, {"/list", "/same", "/gone"}};
  ASSERT_TRUE(f.send(kTwo, wire::kSetWatchesXid, OpCode::set_watches, request));
  for (const std::string_view expected : {"3 /changed", "2 /gone", "1 /made", "4 /list", "2 /gone"}) {
    EXPECT_EQ(event_text(f.next(kTwo)), expected);
  }
  EXPECT_EQ(f.next(kTwo).header.xid, wire::kSetWatchesXid);
  EXPECT_EQ(f.machine.watches().paths(), 2U);
  ASSERT_TRUE(f.send(kTwo, 5, OpCode::create, wire::CreateRequest{"/later", Buffer(), to_vector(nullptr), 0}));
  EXPECT_EQ(event_text(f.next(kTwo)), "1 /later");
}

TEST(ServerWatch, they_die_with_the_connection_and_their_memory_is_bounded) {
  Fixture f;
  f.ask(kOne, OpCode::exists, wire::ReadRequest{"/a", true});
  f.machine.disconnect(kOne);
  EXPECT_EQ(f.machine.watches().size(), 0U);
  EXPECT_EQ(f.machine.watches().connections(), 0U);
  f.open(kTwo);
  std::string path = "/" + std::string(900'000, 'x');
  bool refused = false;
  for (int i = 0; i < 100 && !refused; ++i) {
    refused = !f.send(kTwo, i, OpCode::exists, wire::ReadRequest{path + std::to_string(i), true});
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(f.refusal.code, Errc::too_large);
}

}  // namespace
}  // namespace barnabas::zookeeper
