// One table of a scenario file, read key by key; what was not read is unknown.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "sim/scenario/scenario.hpp"

namespace barnabas::sim {

// Keeps the first error; later reads leave their target alone. finish() returns it, or names an unknown key.
class TomlSection {
 public:
  TomlSection(const toml::table& table, std::string place) : table_(table), place_(std::move(place)) {}

  bool has(std::string_view key) const { return table_.contains(key); }
  void read(std::string_view key, std::string& into);
  void read(std::string_view key, bool& into);
  void read(std::string_view key, std::int64_t& into, std::int64_t low, std::int64_t high);
  void read(std::string_view key, NumberBounds& into, std::int64_t low, std::int64_t high);
  // "250ms", "2s", "1m", "1h", "10us".
  void read(std::string_view key, Duration& into);
  void read(std::string_view key, TimeBounds& into);
  void read(std::string_view key, std::map<std::string, std::string>& into);
  void read(std::string_view key, std::vector<std::uint64_t>& into);
  // One of the names, whose index is given.
  std::optional<std::size_t> read_name(std::string_view key, std::span<const std::string_view> names);
  // A list of them; empty when the key is not there.
  std::vector<std::size_t> read_names(std::string_view key, std::span<const std::string_view> names);
  // The tables of [[key]], or those of [key] as the only one.
  std::vector<const toml::table*> tables(std::string_view key);
  const toml::table* table(std::string_view key);

  void complain(std::string_view key, const std::string& what);
  Result<void> finish();

 private:
  const toml::node* find(std::string_view key);
  static std::optional<std::string> text_of(const toml::node& node);

  const toml::table& table_;
  std::string place_;
  std::vector<std::string_view> known_;
  std::string error_;
};

std::optional<Duration> parse_duration(std::string_view text);

}  // namespace barnabas::sim
