// This broker's entry among the brokers of its cluster (/brokers/ids/<id>): an ephemeral of its ZooKeeper session, made
// anew with each session. The czxid of it is the broker's epoch.
#pragma once

#include <vector>

#include "core/async/task.hpp"
#include "core/broker/server.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"
#include "core/metadata/topic_store.hpp"
#include "core/replication/replica_manager.hpp"
#include "core/zookeeper/client.hpp"

namespace barnabas::broker {

// What others are told to connect to: advertised.listeners, else what was bound, with a name that others can connect
// to.
Result<std::vector<metadata::BrokerEndpoint>> advertised_endpoints(const env::Env& env, const metadata::Config& config,
                                                                   const std::vector<BoundListener>& bound);

class Registration {
 public:
  // All of these outlive this. self.epoch is set by this alone.
  Registration(env::Env env, metadata::TopicStore& store, zookeeper::Client& zookeeper, replication::SelfInfo& self)
      : env_(env), store_(store), zookeeper_(zookeeper), self_(self) {}

  // Errors, each naming the key and the remedy: already_exists (a live broker has this id), invalid_argument (another
  // one advertises the same address).
  Task<Result<void>> enter(metadata::BrokerInfo broker);
  // On a new session; former: the one before. Not before enter().
  Task<Result<void>> enter_again(zookeeper::SessionId former);
  bool entered() const { return self_.epoch >= 0; }

 private:
  env::Env env_;
  metadata::TopicStore& store_;
  zookeeper::Client& zookeeper_;
  replication::SelfInfo& self_;
  metadata::BrokerInfo broker_;
};

}  // namespace barnabas::broker
