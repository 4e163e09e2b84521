// Topics: create, delete, list.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/client/cluster.hpp"

namespace barnabas::client {

struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;          // -1: the broker's default.
  std::int16_t replication_factor = -1;  // -1: the broker's default.
  std::map<std::string, std::string> configs;
};

// The broker's answer for one topic.
struct TopicAnswer {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::string message;
};

class Admin {
 public:
  explicit Admin(Cluster& cluster) : cluster_(cluster) {}

  // Asks the controller. An Error when there was no answer: then the outcome is not known.
  Task<Result<TopicAnswer>> create_topic(NewTopic topic, Duration timeout = std::chrono::seconds(30));
  Task<Result<TopicAnswer>> delete_topic(std::string name, Duration timeout = std::chrono::seconds(30));
  // Refreshes the cluster's metadata of all topics.
  Task<Result<void>> describe_all() { return cluster_.refresh_all(); }

 private:
  Task<Result<std::shared_ptr<Connection>>> to_controller();

  Cluster& cluster_;
};

}  // namespace barnabas::client
