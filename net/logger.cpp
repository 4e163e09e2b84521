#include "net/logger.hpp"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <string>

namespace barnabas::net {
namespace {

spdlog::level::level_enum to_spdlog(env::LogLevel level) {
  switch (level) {
    case env::LogLevel::debug: return spdlog::level::debug;
    case env::LogLevel::info: return spdlog::level::info;
    case env::LogLevel::warn: return spdlog::level::warn;
    case env::LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string printable(std::string_view line) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(line.size());
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      text += c;
    } else {
      text.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return text;
}

}  // namespace

StderrLogger::StderrLogger(env::LogLevel level) : level_(level) {
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_st>();
  logger_ = std::make_unique<spdlog::logger>("barnabas", std::move(sink));
  logger_->set_level(spdlog::level::trace);
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%-5l%$ %v");
  logger_->flush_on(spdlog::level::trace);
}

StderrLogger::~StderrLogger() = default;

void StderrLogger::log(env::LogLevel level, std::string_view component, std::string_view line) {
  if (!enabled(level)) return;
  logger_->log(to_spdlog(level), "{}: {}", component, printable(line));
}

}  // namespace barnabas::net
