#include "core/metadata/config_change.hpp"

#include <algorithm>

namespace barnabas::metadata {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

Result<std::string> edited_list(const ConfigChange& change, const KeyInfo* key, const Overrides& present) {
  const bool append = change.op == ConfigOp::append;
  if (key == nullptr) return fail(Errc::invalid_argument, "Unknown config name: " + change.name.substr(0, 200));
  if (key->type != ConfigType::list) {
    return fail(Errc::invalid_argument, std::string("Config value ") + (append ? "append" : "subtract") +
                                            " is not allowed for config key: " + change.name);
  }
  const auto own = present.find(change.name);
  std::vector<std::string> parts = split(own != present.end() ? std::string_view(own->second) : key->default_text);
  for (const std::string& part : split(change.value)) {
    const auto found = std::ranges::find(parts, part);
    if (append && found == parts.end()) parts.push_back(part);
    if (!append && found != parts.end()) parts.erase(found);
  }
  return joined(parts);
}

}  // namespace

Result<Overrides> apply(const ConfigEdit& edit, Overrides present, const KeyInfo* (*find)(std::string_view name)) {
  if (edit.replace) present.clear();
  for (const ConfigChange& change : edit.changes) {
    switch (change.op) {
      case ConfigOp::set: present[change.name] = change.value; break;
      case ConfigOp::remove: present.erase(change.name); break;
      case ConfigOp::append:
      case ConfigOp::subtract: {
        B_TRY(present[change.name], edited_list(change, find(change.name), present));
        break;
      }
    }
  }
  return present;
}

}  // namespace barnabas::metadata
