// The requests that a broker is told what the controller holds with. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/controller/state.hpp"
#include "core/env/network.hpp"
#include "core/protocol/messages/04_leader_and_isr.hpp"
#include "core/protocol/messages/05_stop_replica.hpp"
#include "core/protocol/messages/06_update_metadata.hpp"

namespace barnabas::controller {

// In place of a leader's id: the partition is being deleted.
inline constexpr std::int32_t kLeaderDuringDelete = -2;
// In place of a leader epoch in StopReplica: it is deleted, whatever epoch the replica is in.
inline constexpr std::int32_t kEpochDuringDelete = -2;

// A topic that is gone or going, for brokers that know it.
struct Tombstone {
  std::string topic;
  Uuid id;
  std::int32_t partitions = 0;
};

struct Stop {
  bool remove = false;        // Delete the log, too.
  bool with_topic = false;    // Because the whole topic is deleted.
};

// Where brokers reach each other: the listener of this name, or, with a broker that has none of it, the first that
// speaks the protocol.
struct InterBroker {
  std::string listener = "PLAINTEXT";  // Config::inter_broker_listener()
  std::string protocol = "PLAINTEXT";  // security.inter.broker.protocol
};
std::optional<env::Endpoint> endpoint_of(const metadata::BrokerInfo& broker, const InterBroker& by);

// which: partitions, each with whether the broker hears of it for the first time (its log is to be made). Left out:
// those without a state, those that are being deleted, and those without a replica on this broker.
protocol::LeaderAndIsrRequest leader_and_isr(const ControllerState& state, const metadata::BrokerInfo& to,
                                             const std::map<TopicPartition, bool>& which, const InterBroker& by);
// `full`: all partitions, in place of `which`; the broker may forget what is not in it.
protocol::UpdateMetadataRequest update_metadata(const ControllerState& state, const metadata::BrokerInfo& to,
                                                const std::set<TopicPartition>& which, bool full);
protocol::UpdateMetadataRequest update_metadata(const ControllerState& state, const metadata::BrokerInfo& to,
                                                const std::vector<Tombstone>& gone);
// Left out: those that are to be deleted although the broker has a replica again.
protocol::StopReplicaRequest stop_replica(const ControllerState& state, const metadata::BrokerInfo& to,
                                          const std::map<TopicPartition, Stop>& which);

}  // namespace barnabas::controller
