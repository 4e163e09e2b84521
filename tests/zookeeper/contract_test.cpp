// What the broker relies on of any ZooKeeper: one suite, against the simulated ensemble, the embedded server over its
// port and inside its process, and Apache ZooKeeper (tests/zookeeper/apache.py). It keeps the model and our server
// honest.
#include <gtest/gtest.h>

#include "core/async/gather.hpp"
#include "tests/zookeeper/contract_backend.hpp"

namespace barnabas::zookeeper {
namespace {

Data text(std::string_view value) { return Buffer::copy_of(as_bytes(value)); }
std::string_view as_string(const Data& data) { return data ? as_text(data->view()) : "(null)"; }

// Two sessions below a chroot of the test's own.
struct Sessions {
  env::Env env;
  std::unique_ptr<Client> a;
  std::unique_ptr<Client> b;
  std::string connect;  // Empty: inside.
};

SessionOptions options_of(const std::string& connect) {
  SessionOptions options;
  options.servers = *parse_connect_string(connect);
  options.session_timeout = std::chrono::seconds(10);
  return options;
}

using Body = Task<void> (*)(Sessions&);

Task<void> open_and_run(Backend& backend, std::string chroot, Body body) {
  Sessions sessions{backend.env(), nullptr, nullptr, {}};
  if (backend.servers().empty()) {
    sessions.a = *backend.connect_inside();
    sessions.b = *backend.connect_inside();
  } else {
    sessions.connect = backend.servers() + chroot;
    SessionOptions options = options_of(sessions.connect);
    auto first = co_await SessionClient::open(backend.env(), options);
    auto second = co_await SessionClient::open(backend.env(), options);
    EXPECT_TRUE(first.has_value() && second.has_value()) << (first ? second : first).error().to_string();
    if (!first || !second) co_return;
    sessions.a = std::move(*first);
    sessions.b = std::move(*second);
  }
  co_await body(sessions);
  for (Client* client : {sessions.a.get(), sessions.b.get()}) {
    const auto closed = co_await client->close();
    EXPECT_TRUE(closed.has_value() || client->over().is_set());
  }
}

class Contract : public testing::TestWithParam<std::string> {
 protected:
  void run(Body body) {
    const auto backend = make_backend(GetParam());
    const std::uint64_t nonce = backend->env().random.next() % 1'000'000'000;
    backend->run(open_and_run(*backend, "/contract/" + std::to_string(nonce), body));
  }
};

// The expressions contain co_await: they must not be evaluated twice.
template <class T>
void expect_ok(const Result<T>& result, int line) {
  if (!result) ADD_FAILURE_AT(__FILE__, line) << result.error().to_string();
}
template <class T>
void expect_fails(const Result<T>& result, Errc errc, int line) {
  if (result) {
    ADD_FAILURE_AT(__FILE__, line) << "expected " << name_of(errc);
  } else if (result.error().code != errc) {
    ADD_FAILURE_AT(__FILE__, line) << result.error().to_string() << ", expected " << name_of(errc);
  }
}
#define EXPECT_OK(result) expect_ok((result), __LINE__)
#define EXPECT_FAILS(result, errc) expect_fails((result), errc, __LINE__)

TEST_P(Contract, a_znode_is_created_read_set_and_removed) {
  run([](Sessions& s) -> Task<void> {
    const auto made = co_await s.a->create("/a", text("one"), CreateMode::persistent);
    EXPECT_OK(made);
    if (made) EXPECT_EQ(*made, "/a");
    const auto first = co_await s.a->get("/a");
    EXPECT_OK(first);
    if (!first) co_return;
    EXPECT_EQ(as_string(first->data), "one");
    EXPECT_EQ(first->stat.version, 0);
    EXPECT_EQ(first->stat.data_length, 3);
    EXPECT_EQ(first->stat.czxid, first->stat.mzxid);
    EXPECT_EQ(first->stat.ephemeral_owner, kNoSession);
    const auto set = co_await s.a->set("/a", text("two!"), 0);
    EXPECT_OK(set);
    if (set) {
      EXPECT_EQ(set->version, 1);
      EXPECT_GT(set->mzxid, first->stat.mzxid);
      EXPECT_EQ(set->czxid, first->stat.czxid);
    }
    EXPECT_OK(co_await s.a->remove("/a", 1));
    const auto gone = co_await s.a->exists("/a");
    EXPECT_OK(gone);
    if (gone) EXPECT_FALSE(gone->has_value());
  });
}

TEST_P(Contract, null_data_are_not_empty_data) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/null", std::nullopt, CreateMode::persistent));
    EXPECT_OK(co_await s.a->create("/empty", text(""), CreateMode::persistent));
    const auto null = co_await s.a->get("/null");
    const auto empty = co_await s.a->get("/empty");
    EXPECT_TRUE(null && !null->data);
    EXPECT_TRUE(empty && empty->data && empty->data->empty());
  });
}

TEST_P(Contract, refusals_are_told_apart_and_change_nothing) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/r", text("x"), CreateMode::persistent));
    EXPECT_OK(co_await s.a->create("/r/child", text("x"), CreateMode::ephemeral));
    EXPECT_FAILS(co_await s.a->create("/r", text("y"), CreateMode::persistent), Errc::already_exists);
    EXPECT_FAILS(co_await s.a->create("/none/child", text("y"), CreateMode::persistent), Errc::not_found);
    EXPECT_FAILS(co_await s.a->create("/r/child/x", text("y"), CreateMode::persistent), Errc::invalid_argument);
    EXPECT_FAILS(co_await s.a->create("no/slash", text("y"), CreateMode::persistent), Errc::invalid_argument);
    EXPECT_FAILS(co_await s.a->create("/r/", text("y"), CreateMode::persistent), Errc::invalid_argument);
    EXPECT_FAILS(co_await s.a->set("/r", text("y"), 7), Errc::bad_version);
    EXPECT_FAILS(co_await s.a->set("/none", text("y"), kAnyVersion), Errc::not_found);
    EXPECT_FAILS(co_await s.a->remove("/r", kAnyVersion), Errc::not_empty);
    EXPECT_FAILS(co_await s.a->remove("/r/child", 3), Errc::bad_version);
    EXPECT_FAILS(co_await s.a->remove("/none", kAnyVersion), Errc::not_found);
    EXPECT_FAILS(co_await s.a->get("/none"), Errc::not_found);
    EXPECT_FAILS(co_await s.a->children("/none"), Errc::not_found);
    const auto after = co_await s.a->get("/r");
    EXPECT_TRUE(after && after->stat.version == 0 && as_string(after->data) == "x");
  });
}

TEST_P(Contract, a_sequence_counts_all_children_ever_made) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/q", std::nullopt, CreateMode::persistent));
    const auto first = co_await s.a->create("/q/n_", std::nullopt, CreateMode::sequential);
    EXPECT_OK(co_await s.a->create("/q/plain", std::nullopt, CreateMode::persistent));
    EXPECT_OK(co_await s.a->remove("/q/plain", kAnyVersion));
    const auto second = co_await s.b->create("/q/n_", std::nullopt, CreateMode::sequential);
    const auto third = co_await s.a->create("/q/", std::nullopt, CreateMode::ephemeral_sequential);
    EXPECT_TRUE(first && *first == "/q/n_0000000000");
    EXPECT_TRUE(second && *second == "/q/n_0000000002");
    EXPECT_TRUE(third && *third == "/q/0000000003");
    const auto children = co_await s.a->children("/q");
    EXPECT_OK(children);
    if (!children) co_return;
    EXPECT_EQ(children->names.size(), 3U);
    EXPECT_EQ(children->stat.num_children, 3);
    EXPECT_EQ(children->stat.cversion, 5);
  });
}

TEST_P(Contract, ephemerals_are_owned_and_end_with_their_session_in_one_zxid) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.b->create("/p", std::nullopt, CreateMode::persistent));
    EXPECT_OK(co_await s.b->create("/q", std::nullopt, CreateMode::persistent));
    EXPECT_OK(co_await s.a->sync("/p"));
    EXPECT_OK(co_await s.a->create("/p/x", text("1"), CreateMode::ephemeral));
    EXPECT_OK(co_await s.a->create("/q/y", text("2"), CreateMode::ephemeral));
    EXPECT_OK(co_await s.b->sync("/"));
    const auto owner = co_await s.b->exists("/p/x");
    EXPECT_TRUE(owner && *owner && (*owner)->ephemeral_owner == s.a->session());
    EXPECT_OK(co_await s.a->close());
    EXPECT_TRUE(s.a->over().is_set());
    EXPECT_OK(co_await s.b->sync("/"));
    const auto p = co_await s.b->children("/p");
    const auto q = co_await s.b->children("/q");
    EXPECT_TRUE(p && q && p->names.empty() && q->names.empty());
    if (p && q) EXPECT_EQ(p->stat.pzxid, q->stat.pzxid);
    EXPECT_FALSE((co_await s.a->get("/p")).has_value());
  });
}

TEST_P(Contract, a_multi_is_applied_as_a_whole_under_one_zxid) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/m", text("0"), CreateMode::persistent));
    std::vector<Op> ops;
    ops.emplace_back(CheckOp{"/m", 0});
    ops.emplace_back(CreateOp{"/m/c", std::nullopt, CreateMode::ephemeral});
    ops.emplace_back(SetOp{"/m/c", text("1"), 0});
    ops.emplace_back(CreateOp{"/m/s", std::nullopt, CreateMode::sequential});
    const auto done = co_await s.a->multi(std::move(ops));
    EXPECT_OK(done);
    if (!done) co_return;
    EXPECT_TRUE(done->applied());
    EXPECT_EQ(done->results[3].path, "/m/s0000000001");
    EXPECT_EQ(done->results[2].stat.version, 1);
    const auto c = co_await s.a->get("/m/c");
    EXPECT_TRUE(c && c->stat.czxid == c->stat.mzxid && c->stat.version == 1 && as_string(c->data) == "1");
    if (c) EXPECT_EQ(done->results[2].stat.czxid, c->stat.czxid);
  });
}

TEST_P(Contract, a_refused_multi_names_the_operation_and_changes_nothing) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/m", text("0"), CreateMode::persistent));
    std::vector<Op> ops;
    ops.emplace_back(SetOp{"/m", text("1"), 0});
    ops.emplace_back(CreateOp{"/none/c", std::nullopt, CreateMode::persistent});
    ops.emplace_back(RemoveOp{"/m", kAnyVersion});
    const auto done = co_await s.a->multi(std::move(ops));
    EXPECT_OK(done);
    if (!done) co_return;
    EXPECT_EQ(done->failed(), std::optional<std::size_t>(1));
    EXPECT_EQ(done->results[0].code, Code::ok);
    EXPECT_EQ(done->results[1].code, Code::no_node);
    EXPECT_EQ(done->results[2].code, Code::runtime_inconsistency);
    const auto m = co_await s.a->get("/m");
    EXPECT_TRUE(m && m->stat.version == 0);
  });
}

TEST_P(Contract, a_watch_fires_once_and_before_the_answer_that_shows_the_change) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/w", text("0"), CreateMode::persistent));
    const auto watch = std::make_shared<Watch>(s.env.executor);
    const auto other = std::make_shared<Watch>(s.env.executor);
    EXPECT_OK(co_await s.a->get("/w", watch));
    EXPECT_OK(co_await s.a->exists("/w", other));
    EXPECT_FALSE(watch->fired());
    EXPECT_OK(co_await s.a->set("/w", text("1"), kAnyVersion));
    EXPECT_TRUE(watch->fired() && other->fired());
    if (watch->fired()) EXPECT_EQ(watch->event(), (WatchEvent{WatchEvent::Type::data_changed, "/w"}));
    EXPECT_OK(co_await s.a->remove("/w", kAnyVersion));
  });
}

TEST_P(Contract, watches_tell_other_sessions_what_happened) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/w", text("0"), CreateMode::persistent));
    EXPECT_OK(co_await s.b->sync("/w"));
    const auto made = std::make_shared<Watch>(s.env.executor);
    const auto children = std::make_shared<Watch>(s.env.executor);
    const auto data = std::make_shared<Watch>(s.env.executor);
    EXPECT_OK(co_await s.b->exists("/w/x", made));
    EXPECT_OK(co_await s.b->children("/w", children));
    EXPECT_OK(co_await s.b->get("/w", data));
    EXPECT_OK(co_await s.a->create("/w/x", text("0"), CreateMode::persistent));
    co_await made->wait();
    co_await children->wait();
    EXPECT_EQ(made->event(), (WatchEvent{WatchEvent::Type::created, "/w/x"}));
    EXPECT_EQ(children->event(), (WatchEvent{WatchEvent::Type::children_changed, "/w"}));
    EXPECT_FALSE(data->fired());
    const auto of_child = std::make_shared<Watch>(s.env.executor);
    const auto of_children = std::make_shared<Watch>(s.env.executor);
    EXPECT_OK(co_await s.b->get("/w/x", of_child));
    EXPECT_OK(co_await s.b->children("/w/x", of_children));
    EXPECT_OK(co_await s.a->remove("/w/x", kAnyVersion));
    co_await of_child->wait();
    co_await of_children->wait();
    EXPECT_EQ(of_child->event().type, WatchEvent::Type::deleted);
    EXPECT_EQ(of_children->event().type, WatchEvent::Type::deleted);
  });
}

TEST_P(Contract, a_read_of_nothing_sets_no_watch_but_exists_does) {
  run([](Sessions& s) -> Task<void> {
    const auto get = std::make_shared<Watch>(s.env.executor);
    const auto exists = std::make_shared<Watch>(s.env.executor);
    EXPECT_FAILS(co_await s.a->get("/later", get), Errc::not_found);
    EXPECT_OK(co_await s.a->exists("/later", exists));
    EXPECT_OK(co_await s.a->create("/later", std::nullopt, CreateMode::persistent));
    EXPECT_TRUE(exists->fired());
    EXPECT_FALSE(get->fired());
  });
}

TEST_P(Contract, the_end_of_a_session_is_seen_by_the_watches_of_others) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/e", text("0"), CreateMode::ephemeral));
    EXPECT_OK(co_await s.b->sync("/"));
    const auto watch = std::make_shared<Watch>(s.env.executor);
    EXPECT_OK(co_await s.b->get("/e", watch));
    const auto own = std::make_shared<Watch>(s.env.executor);
    EXPECT_OK(co_await s.a->exists("/unrelated", own));
    EXPECT_OK(co_await s.a->close());
    co_await watch->wait();
    EXPECT_EQ(watch->event().type, WatchEvent::Type::deleted);
    EXPECT_TRUE(own->fired());
    if (own->fired()) EXPECT_EQ(own->event().type, WatchEvent::Type::session_over);
  });
}

Task<Result<void>> create_next(Client& client, std::vector<std::string>& made, std::size_t place) {
  auto result = co_await client.create("/pipe/n", std::nullopt, CreateMode::sequential);
  if (!result) co_return std::unexpected(result.error());
  made[place] = *result;
  co_return Result<void>();
}

TEST_P(Contract, calls_under_way_together_all_take_effect) {
  run([](Sessions& s) -> Task<void> {
    EXPECT_OK(co_await s.a->create("/pipe", std::nullopt, CreateMode::persistent));
    std::vector<std::string> made(300);
    std::vector<Task<Result<void>>> tasks;
    for (std::size_t i = 0; i < made.size(); ++i) tasks.push_back(create_next(*s.a, made, i));
    EXPECT_OK(co_await gather(s.env.executor, std::move(tasks), 300));
    const auto children = co_await s.a->children("/pipe");
    EXPECT_TRUE(children && children->names.size() == made.size());
    std::sort(made.begin(), made.end());
    EXPECT_EQ(made.front(), "/pipe/n0000000000");
    EXPECT_EQ(made.back(), "/pipe/n0000000299");
  });
}

TEST_P(Contract, what_is_too_large_is_refused_and_the_session_goes_on) {
  run([](Sessions& s) -> Task<void> {
    Buffer large = Buffer::allocate(kMaxDataSize + 1);
    std::ranges::fill(large.mutable_view(), std::byte{1});
    EXPECT_FAILS(co_await s.a->create("/large", Data(large), CreateMode::persistent), Errc::too_large);
    EXPECT_OK(co_await s.a->create("/small", text("x"), CreateMode::persistent));
  });
}

TEST_P(Contract, acls_hold_against_other_identities) {
  run([](Sessions& s) -> Task<void> {
    if (s.connect.empty()) co_return;  // Inside the process everything is allowed.
    auto& a = static_cast<SessionClient&>(*s.a);
    auto& b = static_cast<SessionClient&>(*s.b);
    a.add_auth({"digest", Buffer::copy_of(as_bytes("alice:secret"))});
    const AclList own = to_list({{31, "auth", ""}});
    EXPECT_OK(co_await a.create_with_acl("/mine", text("x"), CreateMode::persistent, own));
    EXPECT_FAILS(co_await b.create_with_acl("/nobody", text("x"), CreateMode::persistent, own), Errc::invalid_argument);
    EXPECT_OK(co_await b.sync("/"));
    EXPECT_FAILS(co_await b.get("/mine"), Errc::permission_denied);
    EXPECT_FAILS(co_await b.set("/mine", text("y"), kAnyVersion), Errc::permission_denied);
    EXPECT_FAILS(co_await b.create("/mine/x", text("y"), CreateMode::persistent), Errc::permission_denied);
    b.add_auth({"digest", Buffer::copy_of(as_bytes("alice:secret"))});
    EXPECT_OK(co_await b.get("/mine"));
    const auto acl = co_await b.get_acl("/mine");
    EXPECT_TRUE(acl && to_vector(*acl).size() == 1 && to_vector(*acl)[0].scheme == "digest");
    EXPECT_OK(co_await b.set_acl("/mine", nullptr, 0));
    EXPECT_FAILS(co_await a.set_acl("/mine", nullptr, 0), Errc::bad_version);
  });
}

TEST_P(Contract, a_watch_tells_nothing_of_a_znode_that_may_not_be_read) {
  run([](Sessions& s) -> Task<void> {
    if (s.connect.empty()) co_return;  // Inside the process everything is allowed.
    auto& a = static_cast<SessionClient&>(*s.a);
    a.add_auth({"digest", Buffer::copy_of(as_bytes("alice:secret"))});
    const auto hidden = std::make_shared<Watch>(s.env.executor);
    const auto open = std::make_shared<Watch>(s.env.executor);
    EXPECT_OK(co_await s.b->exists("/hidden", hidden));
    EXPECT_OK(co_await s.b->exists("/open", open));
    const AclList own = to_list({{31, "auth", ""}});
    EXPECT_OK(co_await a.create_with_acl("/hidden", text("x"), CreateMode::persistent, own));
    EXPECT_OK(co_await a.create("/open", text("x"), CreateMode::persistent));
    co_await open->wait();
    EXPECT_FALSE(hidden->fired());
  });
}

INSTANTIATE_TEST_SUITE_P(Servers, Contract, testing::ValuesIn(backend_names()),
                         [](const auto& backend) { return backend.param; });

}  // namespace
}  // namespace barnabas::zookeeper
