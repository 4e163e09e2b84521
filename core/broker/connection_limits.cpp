#include "core/broker/connection_limits.hpp"

#include <algorithm>
#include <charconv>

namespace barnabas::broker {
namespace {

namespace keys = metadata::keys;

Duration milliseconds(std::int64_t count) {
  constexpr std::int64_t kMost = std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max()).count() / 2;
  return std::chrono::milliseconds(std::min(count, kMost));
}

// One "address:count"; an IPv6 address has colons of its own.
Result<void> read_override(std::string_view entry, ConnectionLimits& limits) {
  while (entry.starts_with(' ')) entry.remove_prefix(1);
  while (entry.ends_with(' ')) entry.remove_suffix(1);
  if (entry.empty()) return {};
  const std::size_t colon = entry.rfind(':');
  const std::string_view digits = colon == std::string_view::npos ? std::string_view() : entry.substr(colon + 1);
  std::uint32_t count = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (digits.empty() || colon == 0 || failed != std::errc() || end != digits.data() + digits.size()) {
    return fail(Errc::invalid_argument, "max.connections.per.ip.overrides: \"" + std::string(entry) +
                                            "\" is not address:count; write it as in 127.0.0.1:200,10.0.0.7:50");
  }
  std::string_view address = entry.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  limits.of_addresses[std::string(address)] = count;
  return {};
}

}  // namespace

std::size_t ConnectionLimits::max_of(std::string_view address) const {
  const auto found = of_addresses.find(address);
  return found == of_addresses.end() ? max_per_address : found->second;
}

Result<ConnectionLimits> connection_limits(const metadata::Config& config) {
  ConnectionLimits limits;
  limits.max_connections = static_cast<std::size_t>(config.get(keys::max_connections));
  limits.max_per_address = static_cast<std::size_t>(config.get(keys::max_connections_per_ip));
  const std::string overrides = config.get(keys::max_connections_per_ip_overrides);
  for (std::string_view rest = overrides; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    B_TRY_VOID(read_override(rest.substr(0, comma), limits));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  limits.max_idle = milliseconds(config.get(keys::connections_max_idle_ms));
  limits.max_request = static_cast<std::size_t>(config.get(keys::socket_request_max_bytes));
  limits.max_requests = config.get(keys::queued_max_requests);
  const std::int64_t memory = config.get(keys::queued_max_request_bytes);
  const auto largest = static_cast<std::int64_t>(limits.max_request);
  if (memory > 0 && memory < largest) {
    return fail(Errc::invalid_argument, "queued.max.request.bytes: " + std::to_string(memory) +
                                            " is less than socket.request.max.bytes=" + std::to_string(largest) +
                                            ", so that the largest request could never be read; raise the one or "
                                            "lower the other");
  }
  limits.request_memory = memory > 0 ? memory : std::max(kRequestMemory, largest);
  return limits;
}

void LineBudget::log(env::LogLevel level, std::string_view component, std::string_view line) {
  if (!env_.logger.enabled(level)) return;
  turn();
  if (lines_++ < kLines) env_.logger.log(level, component, line);
}

void LineBudget::turn() {
  const Instant now = env_.clock.now();
  if (now - since_ < kWhile) return;
  if (lines_ > kLines) {
    env_.logger.log(env::LogLevel::warn, "server",
                    std::to_string(lines_ - kLines) + " more lines about closed or refused connections were left out");
  }
  lines_ = 0;
  since_ = now;
}

}  // namespace barnabas::broker
