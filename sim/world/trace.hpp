// What happened, for people: one JSON object a line, {"t":seconds,"node":"a","event":"kill",...}.
//
// The last lines are kept in memory. A sink, given by who runs the simulation, gets each line as it comes, and
// then also the events that are too many to be formatted otherwise (detail()). Opens no file itself.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace barnabas::sim {

// The details of one line, as JSON members.
class Fields {
 public:
  Fields& add(std::string_view name, std::string_view value);
  Fields& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  Fields& add(std::string_view name, std::int64_t value);
  Fields& add(std::string_view name, std::uint64_t value);
  Fields& add(std::string_view name, bool value);
  const std::string& json() const { return json_; }

 private:
  std::string json_;
};

class Trace {
 public:
  using Sink = std::function<void(std::string_view line)>;
  static constexpr std::size_t kLinesKept = 4096;

  void set_sink(Sink sink) { sink_ = std::move(sink); }
  bool detailed() const { return static_cast<bool>(sink_); }

  // Always kept: what a reader of a failure wants first.
  void note(Instant now, std::string_view node, std::string_view event, const Fields& fields = {});
  // Only when there is a sink. Ask detailed() first when the fields are costly.
  void detail(Instant now, std::string_view node, std::string_view event, const Fields& fields = {}) {
    if (detailed()) note(now, node, event, fields);
  }
  // The last lines, oldest first.
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  Sink sink_;
  std::deque<std::string> lines_;
};

}  // namespace barnabas::sim
