#include "core/broker/config_changes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "core/env/timeout.hpp"
#include "core/metadata/znode_json.hpp"
#include "core/zookeeper/path.hpp"

namespace barnabas::broker {
namespace {

constexpr std::string_view kPrefix = "config_change_";
// Before what failed is tried again.
constexpr Duration kPause = 1s;

std::optional<std::int64_t> number_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || stop != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace

ConfigChanges::ConfigChanges(env::Env env, zookeeper::Client& zookeeper, Handler handler)
    : env_(env),
      zookeeper_(zookeeper),
      handler_(std::move(handler)),
      changes_(env, zookeeper, std::string(metadata::znode::kConfigChanges)),
      scope_(env.executor) {
  scope_.spawn(run());
}

Task<void> ConfigChanges::run() {
  std::optional<std::vector<std::string>> seen;
  while (true) {
    if (!changes_.known() || !changes_.value() || seen == changes_.value()->names) {
      co_await changes_.changed();
      continue;
    }
    std::vector<std::string> names = changes_.value()->names;
    seen = names;
    if (!co_await handle(std::move(names))) {
      seen.reset();
      co_await env_.clock.sleep_for(kPause);
    }
    co_await purge();
  }
}

Task<bool> ConfigChanges::handle(std::vector<std::string> names) {
  std::erase_if(created_, [&](const auto& entry) { return !std::ranges::binary_search(names, entry.first); });
  std::vector<std::pair<std::int64_t, std::string>> fresh;
  for (std::string& name : names) {
    const auto number = number_of(name);
    if (number && *number > last_handled_) fresh.emplace_back(*number, std::move(name));
  }
  std::ranges::sort(fresh);
  for (auto& [number, name] : fresh) {
    const Result<void> done = co_await handle_one(std::move(name));
    if (!done) {
      env_.logger.log(env::LogLevel::warn, "config", "a change of configuration: " + done.error().to_string());
      co_return false;
    }
    last_handled_ = number;
  }
  co_return true;
}

Task<Result<void>> ConfigChanges::handle_one(std::string name) {
  const std::string path = zookeeper::join(metadata::znode::kConfigChanges, name);
  const auto node = co_await zookeeper_.get(path);
  if (!node && node.error().code == Errc::not_found) co_return Result<void>{};
  if (!node) co_return std::unexpected(node.error());
  created_[std::move(name)] = node->stat.ctime;
  const auto entity =
      metadata::znode::decode_config_change(node->data ? as_text(node->data->view()) : std::string_view());
  if (!entity) {
    env_.logger.log(env::LogLevel::warn, "config", "znode " + path + ": " + entity.error().message);
    co_return Result<void>{};
  }
  std::string what = *entity;
  co_return co_await handler_(std::move(what));
}

// Any broker may do so, and several do.
Task<void> ConfigChanges::purge() {
  const std::int64_t oldest =
      env_.clock.wall().value() - std::chrono::duration_cast<std::chrono::milliseconds>(kConfigChangeLife).count();
  std::vector<std::string> old;
  for (const auto& [name, created] : created_) {
    if (created.value() < oldest) old.push_back(name);
  }
  for (std::string& name : old) {
    std::string path = zookeeper::join(metadata::znode::kConfigChanges, name);
    const Result<void> removed = co_await zookeeper_.remove(std::move(path), zookeeper::kAnyVersion);
    if (removed || removed.error().code == Errc::not_found) created_.erase(name);
  }
}

}  // namespace barnabas::broker
