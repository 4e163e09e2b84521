// What every check is told, and how it complains. One file per guarantee beside this one, with the guarantee in one
// sentence at its top. Checkers judge by what clients were told and by the bytes on the disks, read with code of their
// own (log_image.hpp); they share nothing with the broker's decisions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/history.hpp"
#include "sim/checkers/log_image.hpp"
#include "sim/scenario/scenario.hpp"

namespace barnabas::sim {

class Checker {
 public:
  using Complain = std::function<void(const std::string& what)>;

  Checker(const Scenario& scenario, const History& history, Complain complain)
      : scenario_(scenario), history_(history), complain_(std::move(complain)) {}
  virtual ~Checker() = default;

  virtual void crashed(const CrashReport& crash) { static_cast<void>(crash); }
  // A broker serves again after a crash or a stop; nothing, or little, has been appended since.
  virtual void recovered(const std::string& node, const LogImages& logs) {
    static_cast<void>(node);
    static_cast<void>(logs);
  }
  // Faults are over, workloads done, nothing is under way. Called again after everybody was restarted.
  virtual void quiescent(const LogImages& logs) { static_cast<void>(logs); }

 protected:
  void complain(const std::string& what) { complain_(what); }

  const Scenario& scenario_;
  const History& history_;

 private:
  Complain complain_;
};

std::vector<std::string_view> checker_names();
// The name must be one of them.
std::unique_ptr<Checker> make_checker(std::string_view name, const Scenario& scenario, const History& history,
                                      Checker::Complain complain);

}  // namespace barnabas::sim
