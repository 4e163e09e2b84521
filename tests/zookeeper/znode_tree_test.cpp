// The rules of the znode tree, one by one (facts: ZooKeeper 3.8 as Kafka uses it).
#include "core/zookeeper/znode_tree.hpp"

#include <gtest/gtest.h>

#include "core/zookeeper/codec.hpp"

namespace barnabas::zookeeper {
namespace {

constexpr SessionId kSession{77};

Data data_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }
std::string text_of(const Data& data) { return data ? std::string(as_text(data->view())) : "null"; }

struct Fixture {
  Fixture() { tree.execute({kSession, Timestamp(1'000), OpenSession{30'000}}); }

  MultiResult multi(std::vector<Op> ops, SessionId session = kSession) {
    time += 1;
    auto executed = tree.execute({session, time, WriteOps{std::move(ops)}});
    events = std::move(executed.events);
    return std::move(executed.decision.result);
  }
  OpResult one(Op op, SessionId session = kSession) {
    std::vector<Op> ops;
    ops.push_back(std::move(op));
    return multi(std::move(ops), session).results.at(0);
  }
  OpResult create(std::string path, Data data = std::nullopt, CreateMode mode = CreateMode::persistent) {
    return one(CreateOp{std::move(path), std::move(data), mode});
  }
  Stat stat(std::string_view path) { return tree.get(path).value().stat; }

  ZnodeTree tree;
  Timestamp time{1'000};
  std::vector<Event> events;
};

TEST(ZnodeTree, a_new_tree_has_the_root_and_zookeepers_own_nodes) {
  const ZnodeTree tree;
  EXPECT_EQ(tree.children("/").value().names, std::vector<std::string>{"zookeeper"});
  EXPECT_EQ(tree.children("/zookeeper").value().names, (std::vector<std::string>{"config", "quota"}));
  EXPECT_EQ(tree.get("/").value().stat.cversion, -1);
  EXPECT_EQ(tree.get("/zookeeper").value().stat.cversion, -2);  // As a real server shows it.
  EXPECT_EQ(tree.last_zxid(), Zxid(0));
}

TEST(ZnodeTree, null_and_empty_data_stay_different) {
  Fixture f;
  f.create("/null");
  f.create("/empty", Buffer());
  EXPECT_FALSE(f.tree.get("/null").value().data.has_value());
  ASSERT_TRUE(f.tree.get("/empty").value().data.has_value());
  EXPECT_EQ(f.tree.get("/empty").value().data->size(), 0U);
  auto copy = ZnodeTree::deserialize(f.tree.serialize());
  ASSERT_TRUE(copy.has_value());
  EXPECT_FALSE(copy->get("/null").value().data.has_value());
  EXPECT_TRUE(copy->get("/empty").value().data.has_value());
}

TEST(ZnodeTree, a_create_sets_the_stats_of_node_and_parent) {
  Fixture f;
  f.create("/a", data_of("x"));
  const Zxid made = f.tree.last_zxid();
  const Stat node = f.stat("/a");
  EXPECT_EQ(node.czxid, made);
  EXPECT_EQ(node.mzxid, made);
  EXPECT_EQ(node.pzxid, made);
  EXPECT_EQ(node.ctime, f.time);
  EXPECT_EQ(node.version, 0);
  EXPECT_EQ(node.data_length, 1);
  const Stat root = f.stat("/");
  EXPECT_EQ(root.pzxid, made);
  EXPECT_EQ(root.mzxid, Zxid(0));
  EXPECT_EQ(root.num_children, 2);
  EXPECT_EQ(root.cversion, 0);  // 2 * creates - children: /zookeeper was not created by anybody.
}

TEST(ZnodeTree, a_set_raises_the_version_and_returns_the_new_stat) {
  Fixture f;
  f.create("/a");
  const Zxid made = f.tree.last_zxid();
  const OpResult set = f.one(SetOp{"/a", data_of("xy"), 0});
  EXPECT_EQ(set.code, Code::ok);
  EXPECT_EQ(set.stat.version, 1);
  EXPECT_EQ(set.stat.czxid, made);
  EXPECT_EQ(set.stat.mzxid, made + 1);
  EXPECT_EQ(set.stat.mtime, f.time);
  EXPECT_EQ(set.stat.data_length, 2);
  EXPECT_EQ(set.stat, f.stat("/a"));
}

TEST(ZnodeTree, refusals_have_zookeepers_codes) {
  Fixture f;
  f.create("/a");
  f.create("/a/b");
  f.create("/e", std::nullopt, CreateMode::ephemeral);
  EXPECT_EQ(f.create("/a").code, Code::node_exists);
  EXPECT_EQ(f.create("/").code, Code::node_exists);
  EXPECT_EQ(f.create("/x/y").code, Code::no_node);
  EXPECT_EQ(f.create("/e/child").code, Code::no_children_for_ephemerals);
  EXPECT_EQ(f.create("a").code, Code::bad_arguments);
  EXPECT_EQ(f.create("/a/").code, Code::bad_arguments);
  EXPECT_EQ(f.create("/big", Buffer::allocate(kMaxDataSize + 1)).code, Code::marshalling_error);
  EXPECT_EQ(f.one(SetOp{"/x", std::nullopt}).code, Code::no_node);
  EXPECT_EQ(f.one(SetOp{"/a", std::nullopt, 1}).code, Code::bad_version);
  EXPECT_EQ(f.one(RemoveOp{"/a"}).code, Code::not_empty);
  EXPECT_EQ(f.one(RemoveOp{"/a", 9}).code, Code::bad_version);
  EXPECT_EQ(f.one(RemoveOp{"/x"}).code, Code::no_node);
  EXPECT_EQ(f.one(RemoveOp{"/"}).code, Code::bad_arguments);
  EXPECT_EQ(f.one(RemoveOp{"/zookeeper/quota"}).code, Code::bad_arguments);
  EXPECT_EQ(f.one(CheckOp{"/a", 3}).code, Code::bad_version);
  EXPECT_EQ(f.one(CheckOp{"/x", 0}).code, Code::no_node);
  EXPECT_EQ(f.one(SetOp{"/a", std::nullopt}, SessionId(5)).code, Code::session_expired);
  EXPECT_EQ(f.tree.get("/x").error().code, Errc::not_found);
  EXPECT_EQ(f.tree.get("x").error().code, Errc::invalid_argument);
}

TEST(ZnodeTree, refused_writes_consume_a_zxid_and_change_nothing_else) {
  Fixture f;
  f.create("/a");
  const Stat before = f.stat("/");
  const Zxid last = f.tree.last_zxid();
  f.create("/a");
  EXPECT_EQ(f.tree.last_zxid(), last + 1);
  EXPECT_EQ(f.stat("/"), before);
  EXPECT_TRUE(f.events.empty());
}

TEST(ZnodeTree, the_sequence_number_counts_every_child_ever_created) {
  Fixture f;
  f.create("/q");
  f.create("/q/plain");
  EXPECT_EQ(f.create("/q/n-", std::nullopt, CreateMode::sequential).path, "/q/n-0000000001");
  f.one(RemoveOp{"/q/n-0000000001"});
  f.one(RemoveOp{"/q/plain"});
  EXPECT_EQ(f.create("/q/n-", std::nullopt, CreateMode::sequential).path, "/q/n-0000000002");
  EXPECT_EQ(f.create("/q/", std::nullopt, CreateMode::ephemeral_sequential).path, "/q/0000000003");
  const Stat stat = f.stat("/q");
  EXPECT_EQ(stat.num_children, 2);
  EXPECT_EQ(stat.cversion, 2 * 4 - 2);
  auto copy = ZnodeTree::deserialize(f.tree.serialize());
  ASSERT_TRUE(copy.has_value());
  const auto decision = copy->decide({kSession, f.time, WriteOps{{CreateOp{"/q/n-", {}, CreateMode::sequential}}}});
  EXPECT_EQ(decision.result.results.at(0).path, "/q/n-0000000004");
}

TEST(ZnodeTree, a_multi_shares_one_zxid_and_sees_its_own_changes) {
  Fixture f;
  f.create("/ids");
  const Zxid last = f.tree.last_zxid();
  const MultiResult result =
      f.multi({CreateOp{"/ids/1", std::nullopt, CreateMode::ephemeral}, SetOp{"/ids/1", data_of("me"), 0},
               CheckOp{"/ids/1", 1}, CreateOp{"/ids/s", std::nullopt, CreateMode::sequential}});
  EXPECT_TRUE(result.applied());
  EXPECT_EQ(f.tree.last_zxid(), last + 1);
  EXPECT_EQ(result.results[1].stat.czxid, last + 1);
  EXPECT_EQ(result.results[1].stat.version, 1);
  EXPECT_EQ(result.results[1].stat.ephemeral_owner, kSession);
  EXPECT_EQ(result.results[3].path, "/ids/s0000000001");
  EXPECT_EQ(text_of(f.tree.get("/ids/1").value().data), "me");
}

TEST(ZnodeTree, a_multi_can_remove_a_node_after_its_children) {
  Fixture f;
  f.create("/t");
  f.create("/t/p");
  f.create("/t/p/s");
  EXPECT_TRUE(f.multi({RemoveOp{"/t/p/s"}, RemoveOp{"/t/p"}, RemoveOp{"/t"}, CreateOp{"/t", {}}}).applied());
  EXPECT_EQ(f.stat("/t").num_children, 0);
  EXPECT_EQ(f.multi({CreateOp{"/t/x", {}}, RemoveOp{"/t"}}).failed(), 1U);
}

TEST(ZnodeTree, a_refused_multi_reports_ok_before_its_code_at_and_inconsistency_after) {
  Fixture f;
  const MultiResult result =
      f.multi({CreateOp{"/a", std::nullopt}, CreateOp{"/missing/b", std::nullopt}, CreateOp{"/c", std::nullopt}});
  EXPECT_FALSE(result.applied());
  EXPECT_EQ(result.failed(), 1U);
  EXPECT_EQ(result.results[0].code, Code::ok);
  EXPECT_EQ(result.results[1].code, Code::no_node);
  EXPECT_EQ(result.results[2].code, Code::runtime_inconsistency);
  EXPECT_EQ(result.outcome().error().code, Errc::not_found);
  EXPECT_FALSE(f.tree.exists("/a").value().has_value());
}

TEST(ZnodeTree, closing_a_session_removes_its_ephemerals_in_one_zxid) {
  Fixture f;
  const SessionId other(78);
  f.tree.execute({other, f.time, OpenSession{1}});
  f.create("/p");
  f.create("/p/mine", std::nullopt, CreateMode::ephemeral);
  f.create("/p/mine2", std::nullopt, CreateMode::ephemeral);
  f.one(CreateOp{"/p/theirs", std::nullopt, CreateMode::ephemeral}, other);
  const Zxid last = f.tree.last_zxid();
  f.tree.execute({kSession, f.time, CloseSession{}});
  EXPECT_EQ(f.tree.last_zxid(), last + 1);
  EXPECT_EQ(f.tree.children("/p").value().names, std::vector<std::string>{"theirs"});
  EXPECT_FALSE(f.tree.has_session(kSession));
  EXPECT_EQ(f.create("/late").code, Code::session_expired);
  // Closing again is refused, but counted.
  const auto again = f.tree.execute({kSession, f.time, CloseSession{}});
  EXPECT_EQ(again.decision.transaction.kind, Transaction::Kind::refused);
}

TEST(ZnodeTree, an_ephemeral_removed_by_hand_is_not_removed_again) {
  Fixture f;
  f.create("/e", std::nullopt, CreateMode::ephemeral);
  f.one(RemoveOp{"/e"});
  f.create("/e", data_of("persistent"));
  f.tree.execute({kSession, f.time, CloseSession{}});
  EXPECT_TRUE(f.tree.exists("/e").value().has_value());
}

TEST(ZnodeTree, events_tell_the_node_first_and_its_parent_after) {
  Fixture f;
  using enum Event::Type;
  f.create("/a");
  EXPECT_EQ(f.events, (std::vector<Event>{{created, "/a"}, {children_changed, "/"}}));
  f.one(SetOp{"/a", std::nullopt});
  EXPECT_EQ(f.events, (std::vector<Event>{{data_changed, "/a"}}));
  f.one(RemoveOp{"/a"});
  EXPECT_EQ(f.events, (std::vector<Event>{{deleted, "/a"}, {children_changed, "/"}}));
  (void)f.multi({CreateOp{"/b", {}}, CreateOp{"/b/c", {}}});
  EXPECT_EQ(f.events, (std::vector<Event>{
                          {created, "/b"}, {children_changed, "/"}, {created, "/b/c"}, {children_changed, "/b"}}));
}

TEST(ZnodeTree, a_transaction_that_does_not_follow_is_corrupt) {
  ZnodeTree tree;
  Transaction skipped;
  skipped.zxid = Zxid(2);
  EXPECT_EQ(tree.apply(skipped).error().code, Errc::corrupt);
  Transaction misfit;
  misfit.zxid = Zxid(1);
  misfit.kind = Transaction::Kind::write;
  misfit.changes.push_back(SetChange{"/nowhere", std::nullopt});
  EXPECT_EQ(tree.apply(misfit).error().code, Errc::corrupt);
}

TEST(ZnodeTree, an_image_cut_anywhere_is_corrupt) {
  Fixture f;
  f.create("/a", data_of("some data"), CreateMode::ephemeral);
  const std::vector<std::byte> image = f.tree.serialize();
  for (std::size_t size = 0; size < image.size(); ++size) {
    ASSERT_FALSE(ZnodeTree::deserialize(ByteView(image).first(size)).has_value()) << size;
  }
  EXPECT_TRUE(ZnodeTree::deserialize(image).has_value());
}

TEST(TransactionCodec, every_transaction_comes_back_as_it_was) {
  Transaction t;
  t.zxid = Zxid(7);
  t.time = Timestamp(8);
  t.session = SessionId(9);
  t.kind = Transaction::Kind::write;
  t.changes = {CreateChange{"/a", std::nullopt, SessionId(9)}, SetChange{"/a", Buffer()}, RemoveChange{"/a"}};
  Writer writer;
  encode(writer, t);
  const auto back = decode_transaction(writer.view());
  ASSERT_TRUE(back.has_value());
  Writer again;
  encode(again, *back);
  EXPECT_EQ(as_text(writer.view()), as_text(again.view()));
  for (std::size_t size = 0; size < writer.size(); ++size) {
    ASSERT_FALSE(decode_transaction(writer.view().first(size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace barnabas::zookeeper
