#include "sim/world/trace.hpp"

namespace barnabas::sim {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += ',';
  append_quoted(out, name);
  out += ':';
  out += value;
}

// Seconds with nine decimals, in integers only.
std::string seconds(Instant at) {
  const auto total = at.time_since_epoch().count();
  std::string fraction = std::to_string(total % 1'000'000'000);
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::to_string(total / 1'000'000'000) + "." + fraction;
}

}  // namespace

Fields& Fields::add(std::string_view name, std::string_view value) {
  std::string quoted;
  append_quoted(quoted, value);
  append_member(json_, name, quoted);
  return *this;
}
Fields& Fields::add(std::string_view name, std::int64_t value) {
  append_member(json_, name, std::to_string(value));
  return *this;
}
Fields& Fields::add(std::string_view name, std::uint64_t value) {
  append_member(json_, name, std::to_string(value));
  return *this;
}
Fields& Fields::add(std::string_view name, bool value) {
  append_member(json_, name, value ? "true" : "false");
  return *this;
}

void Trace::note(Instant now, std::string_view node, std::string_view event, const Fields& fields) {
  std::string line = "{\"t\":" + seconds(now) + ",\"node\":";
  append_quoted(line, node);
  line += ",\"event\":";
  append_quoted(line, event);
  line += fields.json();
  line += '}';
  if (sink_) sink_(line);
  lines_.push_back(std::move(line));
  if (lines_.size() > kLinesKept) lines_.pop_front();
}

}  // namespace barnabas::sim
