// What one broker is told, in one of its lives: LeaderAndIsr, UpdateMetadata, StopReplica.
//
// Level-triggered: it is noted *what* the broker has to hear of, and a request is made of what the controller holds
// when it is sent; so a slow broker gets the newest state once. In order (LeaderAndIsr, UpdateMetadata, StopReplica),
// one request at a time, again and again until the broker answers. The channel of the controller's own broker calls it
// instead of connecting.
//
// Its connection doubles as the watch over the broker's process (peers.hpp).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "core/async/scope.hpp"
#include "core/client/connection.hpp"
#include "core/controller/broker_port.hpp"
#include "core/controller/request_builder.hpp"

namespace barnabas::controller {

class Channel {
 public:
  // Told from inside the channel's own task; it must not be destroyed there.
  class Listener {
   public:
    virtual ~Listener() = default;
    // Replicas that the broker was told to stop, and its answers.
    struct Stopped {
      TopicPartition id;
      bool removed = false;
      protocol::ErrorCode error = protocol::ErrorCode::none;
    };
    virtual void replicas_stopped(BrokerId broker, std::vector<Stopped> answers) = 0;
    // Whose log cannot be had (KAFKA_STORAGE_ERROR), and whose can.
    struct LogStatus {
      TopicPartition id;
      bool failed = false;
    };
    virtual void logs_answered(BrokerId broker, std::vector<LogStatus> logs) = 0;
    // The process takes connections; or refused two in a row.
    virtual void reached(BrokerId broker, std::int64_t epoch) = 0;
    virtual void refused(BrokerId broker, std::int64_t epoch) = 0;
  };

  // local: set for the controller's own broker. All outlive this.
  Channel(env::Env env, const ControllerState& state, Listener& listener, InterBroker by, Duration request_timeout,
          metadata::BrokerInfo broker, LocalBroker* local);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const metadata::BrokerInfo& broker() const { return broker_; }

  // ----- What the broker has to hear of. -----
  void tell_all();                                           // Everything: at the first contact.
  void tell_roles(const TopicPartition& id, bool is_new);    // LeaderAndIsr.
  void tell_all_roles();                                     // LeaderAndIsr of all it has.
  void tell_metadata(const TopicPartition& id);              // UpdateMetadata.
  void tell_brokers();                                       // UpdateMetadata, for the list of live brokers.
  void tell_gone(Tombstone tombstone);                       // A topic is being deleted, or was.
  void tell_stop(const TopicPartition& id, Stop stop);       // StopReplica.

  // The same life at other addresses.
  void moved(metadata::BrokerInfo broker);

  // How much was noted so far; told() resumes when the broker has answered all that. Destroying the channel resumes
  // nobody.
  std::uint64_t noted() const { return noted_; }
  Task<void> told(std::uint64_t up_to);

 private:
  struct Roles {
    bool all = false;
    std::map<TopicPartition, bool> which;  // With whether it is new to the broker.
    bool empty() const { return !all && which.empty(); }
  };
  struct Metadata {
    bool all = false;
    bool brokers = false;
    std::set<TopicPartition> which;
    bool empty() const { return !all && !brokers && which.empty(); }
  };

  Task<void> run();
  Task<bool> connect();
  Task<void> watch(std::shared_ptr<client::Connection> connection);
  // One request after the other; false when one was not answered as it should be, or not at all.
  Task<bool> send_round();
  Task<bool> send_gone();
  Task<bool> send_roles();
  Task<bool> send_metadata();
  Task<bool> send_stops();
  template <class Request>
  Task<Result<typename Request::Response>> call(Request request);
  Task<Result<protocol::LeaderAndIsrResponse>> call_local(protocol::LeaderAndIsrRequest request);
  Task<Result<protocol::UpdateMetadataResponse>> call_local(protocol::UpdateMetadataRequest request);
  Task<Result<protocol::StopReplicaResponse>> call_local(protocol::StopReplicaRequest request);
  bool take_roles_answer(const protocol::LeaderAndIsrResponse& response, const Roles& asked);
  bool take_stops_answer(const protocol::StopReplicaResponse& response, std::map<TopicPartition, Stop> asked);
  bool has_news() const { return !roles_.empty() || !metadata_.empty() || !gone_.empty() || !stops_.empty(); }
  void note();
  void warn(const std::string& line) const;
  bool good(protocol::ErrorCode error, const char* what) const;

  env::Env env_;
  const ControllerState& state_;
  Listener& listener_;
  InterBroker by_;
  Duration request_timeout_;
  metadata::BrokerInfo broker_;
  LocalBroker* local_;
  Roles roles_;
  Metadata metadata_;
  std::vector<Tombstone> gone_;
  std::map<TopicPartition, Stop> stops_;
  std::set<TopicPartition> new_;  // That the broker has not yet confirmed to have.
  std::uint64_t noted_ = 0;
  std::uint64_t told_ = 0;
  int refusals_ = 0;
  Duration backoff_{};
  bool readdressed_ = false;
  std::shared_ptr<client::Connection> connection_;
  Notification news_;
  Notification progress_;
  Scope watch_scope_;
  Scope scope_;  // Last: its task uses the rest.
};

}  // namespace barnabas::controller
