#include "sim/checkers/topics_as_told.hpp"

#include <set>

namespace barnabas::sim {

void TopicsAsTold::quiescent(const LogImages& logs) {
  std::set<std::string> there;
  for (const auto& [partition, log] : logs) there.insert(partition.topic);
  for (const auto& [name, told] : history_.topics) {
    if (told.created == protocol::ErrorCode::topic_already_exists) {
      return complain("who created " + name + " was told that it was there already, and nobody had created it before");
    }
    if (told.created == protocol::ErrorCode::none && !told.removal_asked && !there.contains(name)) {
      return complain(name + " was created, and there is no log of it");
    }
    if (told.removed && there.contains(name)) return complain(name + " was deleted, and there is a log of it");
  }
}

}  // namespace barnabas::sim
