#include "sim/checkers/committed_offsets_survive.hpp"

#include <algorithm>

namespace barnabas::sim {

void CommittedOffsetsSurvive::quiescent(const LogImages&) {
  for (const auto& [key, commits] : history_.committed) {
    const auto it = history_.final_offsets.find(key);
    const std::int64_t fetched = it == history_.final_offsets.end() ? -1 : it->second;
    const std::string where = "group " + key.first + ", " + key.second.to_string() + ": ";
    if (fetched < std::min(commits.acknowledged, commits.lowest_unknown)) {
      return complain(where + "offset " + std::to_string(commits.acknowledged) + " was committed, the broker says " +
                      std::to_string(fetched));
    }
    if (fetched > commits.highest_sent) {
      return complain(where + "the broker says " + std::to_string(fetched) + ", which nobody committed");
    }
  }
}

}  // namespace barnabas::sim
