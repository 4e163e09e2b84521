#include "sim/checkers/checker.hpp"

#include <array>

#include "core/base/check.hpp"
#include "sim/checkers/committed_offsets_survive.hpp"
#include "sim/checkers/compacted_keeps_last.hpp"
#include "sim/checkers/consumed_equals_log.hpp"
#include "sim/checkers/no_acked_loss.hpp"
#include "sim/checkers/no_duplicates.hpp"
#include "sim/checkers/offsets_dense.hpp"
#include "sim/checkers/producer_order.hpp"
#include "sim/checkers/recovered_is_clean_prefix.hpp"
#include "sim/checkers/rejected_stay_out.hpp"
#include "sim/checkers/topics_as_told.hpp"

namespace barnabas::sim {
namespace {

using Maker = std::unique_ptr<Checker> (*)(const Scenario&, const History&, Checker::Complain);

template <class C>
std::unique_ptr<Checker> make(const Scenario& scenario, const History& history, Checker::Complain complain) {
  return std::make_unique<C>(scenario, history, std::move(complain));
}

struct Entry {
  std::string_view name;
  Maker make;
};

constexpr std::array<Entry, 10> kCheckers{{
    {"no_acked_loss", &make<NoAckedLoss>},
    {"no_duplicates", &make<NoDuplicates>},
    {"offsets_dense", &make<OffsetsDense>},
    {"recovered_is_clean_prefix", &make<RecoveredIsCleanPrefix>},
    {"committed_offsets_survive", &make<CommittedOffsetsSurvive>},
    {"compacted_keeps_last", &make<CompactedKeepsLast>},
    {"consumed_equals_log", &make<ConsumedEqualsLog>},
    {"rejected_stay_out", &make<RejectedStayOut>},
    {"producer_order", &make<ProducerOrder>},
    {"topics_as_told", &make<TopicsAsTold>},
}};

}  // namespace

std::vector<std::string_view> checker_names() {
  std::vector<std::string_view> names;
  for (const Entry& entry : kCheckers) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Checker> make_checker(std::string_view name, const Scenario& scenario, const History& history,
                                      Checker::Complain complain) {
  for (const Entry& entry : kCheckers) {
    if (entry.name == name) return entry.make(scenario, history, std::move(complain));
  }
  check_failed(__FILE__, __LINE__, "the check exists", name);
}

}  // namespace barnabas::sim
