// Log lines on stderr, through spdlog.
#pragma once

#include <memory>
#include <string_view>

#include "core/env/env.hpp"

namespace spdlog {
class logger;
}

namespace barnabas::net {

// "2024-05-01T12:00:00.123 warn  broker: line". Control characters, which a peer may have smuggled into a line,
// are shown as \xNN: one call writes one line.
class StderrLogger final : public env::Logger {
 public:
  explicit StderrLogger(env::LogLevel level);
  ~StderrLogger() override;

  bool enabled(env::LogLevel level) const override { return level >= level_; }
  void log(env::LogLevel level, std::string_view component, std::string_view line) override;
  void set_level(env::LogLevel level) { level_ = level; }

 private:
  env::LogLevel level_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace barnabas::net
