// A client's connection, for the two halves of ZooKeeperServer.
#pragma once

#include "core/async/event.hpp"
#include "sim/zookeeper/server.hpp"

namespace barnabas::sim {

struct ZooKeeperServer::Peer {
  Peer(Executor& executor, zookeeper::ConnectionId connection) : id(connection), changed(executor) {}

  void send(const std::vector<std::byte>& frame) {
    if (!open) return;
    output.insert(output.end(), frame.begin(), frame.end());
    changed.notify_all();
  }

  zookeeper::ConnectionId id;
  zookeeper::SessionId session;
  bool asked = false;  // For a session.
  bool open = true;    // Once false, what is in `output` still leaves.
  std::vector<std::byte> output;
  std::vector<zookeeper::Identity> identities;
  Notification changed;
};

template <class... Records>
void ZooKeeperServer::reply(Peer& peer, const zookeeper::wire::RequestHeader& header, zookeeper::Zxid zxid,
                            zookeeper::Code code, const Records&... records) {
  peer.send(zookeeper::wire::frame_of(zookeeper::wire::ReplyHeader{header.xid, zxid, code}, records...));
}

}  // namespace barnabas::sim
