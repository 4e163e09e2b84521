#include "tests/zookeeper/session_worker.hpp"

#include "core/env/timeout.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::uint64_t kPaths = 5;

using End = WriteRecord::End;
using Write = WriteRecord::Kind;
using Read = ReadRecord::Kind;

Data data_of(const std::string& tag) { return Buffer::copy_of(as_bytes(tag)); }

class Worker {
 public:
  Worker(WorkerContext& context, Prng draw) : c_(context), draw_(draw) {}

  Task<void> run() {
    while (!c_.stopping && !c_.client.over().is_set()) {
      co_await one();
      co_await c_.env.clock.sleep_for(std::chrono::microseconds(draw_.below(150'000)));
    }
  }

  Task<bool> own(std::string path, SessionId former) {
    WriteRecord& record = begin(Write::own, path, true);
    const Retry retry{c_.env.clock, std::chrono::milliseconds(50), std::chrono::seconds(20)};
    const Data data = data_of(record.tag);
    const Result<Stat> stat = co_await create_or_own(c_.client, retry, path, data, former);
    finish(record, stat);
    if (stat && stat->ephemeral_owner != c_.client.session()) {
      c_.history.broken.push_back("own_registration: " + path + " was told to be registered, by another session");
    }
    if (stat) record.result = stat->czxid;
    co_return stat.has_value();
  }

 private:
  std::string hot() { return "/hot/" + std::to_string(draw_.below(kPaths)); }
  std::string tag() { return c_.name + "-" + std::to_string(++c_.tags); }
  Instant now() const { return c_.world.now(); }

  WriteRecord& begin(Write kind, const std::string& path, bool with_tag, std::int32_t version = kAnyVersion) {
    WriteRecord& record = c_.history.writes.emplace_back();
    record.kind = kind;
    record.session = c_.client.session();
    record.path = c_.chroot + path;
    if (with_tag) record.tag = tag();
    record.version = version;
    record.begin = now();
    return record;
  }
  template <class T>
  void finish(WriteRecord& record, const Result<T>& result) {
    record.finish = now();
    if (result) {
      record.end = End::done;
    } else if (outcome_of(result.error()) == Outcome::refused) {
      record.end = End::refused;
      record.refusal = result.error().code;
    } else {
      record.end = End::unknown;
    }
  }

  Task<void> one() {
    const std::string path = hot();
    switch (draw_.below(14)) {
      case 0:
      case 1: co_return co_await create(path);
      case 2: co_return co_await write_seen(path, false);
      case 3: co_return co_await write_seen(path, true);
      case 4: co_return co_await remove_seen(path, false);
      case 5: co_return co_await remove_seen(path, true);
      case 6: co_return co_await change_two(path);
      case 7: co_return co_await append();
      case 8: co_return co_await watch_get(path);
      case 9: co_return co_await watch_exists(path);
      case 10:
      case 11: co_return co_await watch_children();
      case 12: co_return co_await sync_and_read(path);
      default: co_return co_await abandon(path);
    }
  }

  Task<void> create(std::string path) {
    WriteRecord& record = begin(Write::create, path, true);
    const CreateMode mode = draw_.chance({1, 4}) ? CreateMode::ephemeral : CreateMode::persistent;
    const Data data = data_of(record.tag);
    const Result<std::string> made = co_await c_.client.create(path, data, mode);
    finish(record, made);
  }

  Task<void> append() {
    WriteRecord& record = begin(Write::create, "/seq/n-", true);
    const Data data = data_of(record.tag);
    std::string prefix = "/seq/n-";
    const Result<std::string> made = co_await c_.client.create(std::move(prefix), data, CreateMode::sequential);
    finish(record, made);
  }

  Task<void> write_seen(std::string path, bool with_recipe) {
    const auto stat = co_await read_node(path, nullptr);
    if (!stat) co_return;
    WriteRecord& record = begin(Write::set, path, true, stat->version);
    const Data data = data_of(record.tag);
    if (with_recipe) {
      const Retry retry{c_.env.clock, std::chrono::milliseconds(50), std::chrono::seconds(20)};
      finish(record, co_await set_if(c_.client, retry, path, data, *stat));
    } else {
      finish(record, co_await c_.client.set(path, data, stat->version));
    }
  }

  Task<void> remove_seen(std::string path, bool with_recipe) {
    const auto stat = co_await read_node(path, nullptr);
    if (!stat) co_return;
    WriteRecord& record = begin(Write::remove, path, false, stat->version);
    if (with_recipe) {
      record.czxid = stat->czxid;
      const Retry retry{c_.env.clock, std::chrono::milliseconds(50), std::chrono::seconds(20)};
      finish(record, co_await remove_if(c_.client, retry, path, *stat));
    } else {
      finish(record, co_await c_.client.remove(path, stat->version));
    }
  }

  // A set and a sequential creation, both or none.
  Task<void> change_two(std::string path) {
    const auto stat = co_await read_node(path, nullptr);
    if (!stat) co_return;
    WriteRecord& set = begin(Write::set, path, true, stat->version);
    WriteRecord& made = begin(Write::create, "/seq/m-", true);
    std::vector<Op> ops;
    ops.emplace_back(SetOp{path, data_of(set.tag), stat->version});
    ops.emplace_back(CreateOp{"/seq/m-", data_of(made.tag), CreateMode::sequential});
    const Retry retry{c_.env.clock, std::chrono::milliseconds(50), std::chrono::seconds(20)};
    const Result<MultiResult> result = co_await multi_once(c_.client, retry, std::move(ops), stat->czxid);
    const Result<void> outcome = result ? result->outcome() : std::unexpected(result.error());
    finish(set, outcome);
    finish(made, outcome);
    // Only the set has a condition; the creation went down with it.
    if (made.end == End::refused) made.end = End::pending;
  }

  // The waiter goes away; the write may go on.
  Task<void> abandon(std::string path) {
    WriteRecord& record = begin(Write::create, path, true);
    Data data = data_of(record.tag);
    auto creating = c_.client.create(path, std::move(data), CreateMode::persistent);
    const Instant deadline = c_.env.clock.now() + std::chrono::microseconds(draw_.below(20'000));
    const auto made = co_await env::with_deadline(c_.env.executor, c_.env.clock, deadline, std::move(creating));
    if (!made && made.error().code == Errc::timed_out) {
      record.end = End::unknown;
      record.finish = now();
    } else {
      finish(record, made);
    }
  }

  ReadRecord& begin_read(Read kind, const std::string& path, const WatchPtr& watch) {
    ReadRecord& record = c_.history.reads.emplace_back();
    record.kind = kind;
    record.session = c_.client.session();
    record.path = c_.chroot + path;
    record.watch = watch;
    record.begin = now();
    return record;
  }
  void say_late(const ReadRecord& earlier, const ReadRecord& record) {
    const auto zxids = [](const std::optional<Stat>& stat) {
      return stat ? std::to_string(stat->mzxid.value()) + "/" + std::to_string(stat->pzxid.value()) : "nothing";
    };
    c_.history.broken.push_back("watch_first: session " + std::to_string(record.session.value()) + " read " +
                                record.path + " as " + zxids(earlier.stat) + ", then as " + zxids(record.stat) +
                                " before its watch fired");
  }
  // Ends a read: looks whether the watches that should have told of what it shows have done so.
  void finish_read(ReadRecord& record, std::optional<Stat> stat) {
    record.done = true;
    record.finish = now();
    record.stat = stat;
    for (const ReadRecord& earlier : c_.history.reads) {
      if (&earlier == &record || !earlier.done || earlier.watch == nullptr || earlier.watch->fired()) continue;
      if (earlier.session != record.session || earlier.path != record.path || earlier.finish >= record.begin) continue;
      if ((earlier.kind == Read::children) != (record.kind == Read::children)) continue;
      if (!earlier.stat && earlier.kind != Read::exists) continue;
      const bool same =
          earlier.stat.has_value() == stat.has_value() &&
          (!stat ||
           (earlier.stat->czxid == stat->czxid &&
            (record.kind == Read::children ? earlier.stat->pzxid == stat->pzxid : earlier.stat->mzxid == stat->mzxid)));
      if (!same) say_late(earlier, record);
    }
  }

  // The stat, when it is there.
  Task<std::optional<Stat>> read_node(std::string path, WatchPtr watch) {
    ReadRecord& record = begin_read(Read::get, path, watch);
    const Result<NodeData> node = co_await c_.client.get(path, watch);
    if (node) {
      record.tag = node->data ? std::string(as_text(node->data->view())) : std::string();
      finish_read(record, node->stat);
      co_return node->stat;
    }
    if (node.error().code == Errc::not_found) finish_read(record, std::nullopt);
    co_return std::nullopt;
  }
  Task<void> watch_get(std::string path) {
    WatchPtr watch = std::make_shared<Watch>(c_.env.executor);
    (void)co_await read_node(path, watch);
  }
  Task<void> watch_exists(std::string path) {
    WatchPtr watch = std::make_shared<Watch>(c_.env.executor);
    ReadRecord& record = begin_read(Read::exists, path, watch);
    const auto stat = co_await c_.client.exists(path, watch);
    if (stat) finish_read(record, *stat);
  }
  Task<void> watch_children() {
    const std::string path = draw_.chance({1, 2}) ? "/hot" : "/seq";
    WatchPtr watch = std::make_shared<Watch>(c_.env.executor);
    ReadRecord& record = begin_read(Read::children, path, watch);
    const auto children = co_await c_.client.children(path, watch);
    if (!children) co_return;
    record.names.insert(children->names.begin(), children->names.end());
    finish_read(record, children->stat);
  }
  Task<void> sync_and_read(std::string path) {
    SyncRecord& record = c_.history.syncs.emplace_back();
    record.session = c_.client.session();
    record.begin = now();
    record.committed = c_.quorum.committed();
    const Result<void> synced = co_await c_.client.sync(path);
    record.finish = now();
    record.done = synced.has_value();
    (void)co_await read_node(path, nullptr);
  }

  WorkerContext& c_;
  Prng draw_;
};

}  // namespace

Task<void> work(WorkerContext& context, Prng draw) {
  Worker worker(context, draw);
  co_await worker.run();
}

Task<bool> register_node(WorkerContext& context, std::string path, SessionId former) {
  Worker worker(context, context.world.stream("registration"));
  co_return co_await worker.own(std::move(path), former);
}

}  // namespace barnabas::zookeeper
