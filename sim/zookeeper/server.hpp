// One server of a simulated ZooKeeper ensemble: a node that speaks the wire protocol to clients.
//
// Its tree follows the order of writes (quorum.hpp) with a lag. As in ZooKeeper, the requests of one session are
// answered in order, also over two connections to the same server: a read waits for the session's own writes before it,
// and for nothing else. Watches live here, per connection; an event is sent before any answer that shows the change. A
// killed server forgets connections and watches; its tree is on its disk. A paused one that wakes up later finds the
// leadership gone, if it is, and closes its connections then.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/async/scope.hpp"
#include "core/zookeeper/server/watch_table.hpp"
#include "core/zookeeper/wire/multi.hpp"
#include "sim/zookeeper/quorum.hpp"

namespace barnabas::sim {

inline constexpr std::uint16_t kZooKeeperPort = 2181;

class ZooKeeperServer {
 public:
  ZooKeeperServer(World& world, Quorum& quorum, Node& node, std::size_t index);
  ZooKeeperServer(const ZooKeeperServer&) = delete;
  ZooKeeperServer& operator=(const ZooKeeperServer&) = delete;

  Node& node() { return node_; }
  std::size_t applied() const { return applied_; }
  const zookeeper::ZnodeTree& tree() const { return tree_; }

  // The process begins or ends.
  void start();
  void kill();
  void pause();
  void unpause();
  // The others do not reach it, and the reverse; its clients do.
  void isolate();
  void rejoin();
  // Applies nothing for this long: everything it answers is old, and writes through it hang.
  void stall(Duration time);
  // Closes every connection, as a server does that is told to.
  void drop_connections();
  // The next `count` answers to writes are lost with their connection, after the write.
  void lose_answers(std::uint64_t count) { lost_answers_ += count; }
  // The next `count` writes are lost with their connection, before they reach the leader.
  void lose_requests(std::uint64_t count) { lost_requests_ += count; }

 private:
  struct Peer;
  using PeerPtr = std::shared_ptr<Peer>;
  // A request that waits for its turn in its session.
  struct Waiting {
    std::uint64_t ticket = 0;  // Of a write; 0 for others.
    zookeeper::wire::RequestHeader header;
    std::vector<std::byte> body;
    std::weak_ptr<Peer> peer;
    bool ready = true;     // Answer it when it is in front.
    zookeeper::Zxid zxid;  // Of a write that was applied, with its result.
    zookeeper::MultiResult result;
  };

  Task<void> serve(env::Env env);
  static Task<void> talk(ZooKeeperServer& server, env::Env env, std::unique_ptr<env::Stream> stream);
  static Task<void> write_output(env::Stream& stream, PeerPtr peer);

  // Unlike those of the other servers.
  std::uint64_t new_ticket() { return (static_cast<std::uint64_t>(index_ + 1) << 48) + ++last_ticket_; }
  bool take_frame(const PeerPtr& peer, ByteView frame);
  bool open_session(const PeerPtr& peer, ByteView frame);
  void attach(const PeerPtr& peer, zookeeper::SessionId session, std::int32_t timeout_ms);
  void answer_connect(Peer& peer, zookeeper::SessionId session, std::int32_t timeout_ms);
  bool take_request(const PeerPtr& peer, ByteView frame);
  bool authenticate(Peer& peer, const zookeeper::wire::RequestHeader& header, Reader& in);
  // False when the body cannot be read.
  bool forward(const PeerPtr& peer, Waiting& waiting);
  void wait_for_sync(zookeeper::SessionId session, std::uint64_t ticket, std::size_t target);

  void pump();
  void apply_one();
  void finish(const LogEntry& entry);
  void finish_syncs();
  // Answers what is ready at the front.
  void drain(zookeeper::SessionId session);
  void answer(Peer& peer, Waiting& waiting);
  void answer_write(Peer& peer, const Waiting& waiting);
  void answer_multi(Peer& peer, const Waiting& waiting);
  void answer_read(Peer& peer, const Waiting& waiting);
  void rearm(Peer& peer, const zookeeper::wire::SetWatches& watches);
  void tell(zookeeper::ConnectionId to, const zookeeper::Event& event);
  template <class... Records>
  void reply(Peer& peer, const zookeeper::wire::RequestHeader& header, zookeeper::Zxid zxid, zookeeper::Code code,
             const Records&... records);
  template <class... Records>
  void reply_read(Peer& peer, const Waiting& waiting, const Records&... records) {
    reply(peer, waiting.header, tree_.last_zxid(), zookeeper::Code::ok, records...);
  }
  void close(Peer& peer);
  void forget_everything();

  World& world_;
  Quorum& quorum_;
  Node& node_;
  std::size_t index_;
  Prng stream_;
  bool up_ = false;
  bool paused_ = false;
  std::uint64_t pause_epoch_ = 0;
  std::uint64_t pauses_ = 0;
  bool pumping_ = false;
  Instant stalled_until_{};
  std::uint64_t lost_answers_ = 0;
  std::uint64_t lost_requests_ = 0;
  zookeeper::ZnodeTree tree_;
  std::size_t applied_ = 0;
  std::uint64_t last_ticket_ = 0;
  std::uint64_t last_connection_ = 0;
  std::uint64_t generation_ = 0;  // What was asked of the leader before it changed is void.
  zookeeper::WatchTable watches_;
  std::map<zookeeper::ConnectionId, PeerPtr> peers_;
  std::map<zookeeper::SessionId, std::deque<Waiting>> sessions_;
  struct Opening {
    std::weak_ptr<Peer> peer;
    std::int32_t timeout_ms;
  };
  std::map<std::uint64_t, Opening> opening_;  // By ticket.
  struct Syncing {
    zookeeper::SessionId session;
    std::uint64_t ticket;
    std::size_t target;
  };
  std::vector<Syncing> syncing_;
};

}  // namespace barnabas::sim
