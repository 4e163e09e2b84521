#include "core/zookeeper/path.hpp"

#include "core/base/check.hpp"

namespace barnabas::zookeeper {

namespace {

// One UTF-8 sequence that starts at `at`: its code point, and how many bytes it has. Bytes that are no UTF-8 count
// as one character each, which is allowed.
struct Character {
  char32_t code;
  std::size_t size;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(at);
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  if ((first & 0xe0U) == 0xc0U && continues(at + 1)) {
    return {static_cast<char32_t>((first & 0x1fU) << 6 | (byte(at + 1) & 0x3fU)), 2};
  }
  if ((first & 0xf0U) == 0xe0U && continues(at + 1) && continues(at + 2)) {
    const unsigned code = (first & 0x0fU) << 12 | (byte(at + 1) & 0x3fU) << 6 | (byte(at + 2) & 0x3fU);
    return {static_cast<char32_t>(code), 3};
  }
  return {static_cast<char32_t>(first), 1};
}

bool is_allowed(Character c) {
  if (c.code < 0x20 || c.code == 0x7f) return false;
  if (c.size == 1) return true;
  return !(c.code < 0xa0 || (c.code >= 0xd800 && c.code <= 0xf8ff) || (c.code >= 0xfff0 && c.code <= 0xffff));
}

}  // namespace

bool is_valid_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return false;
  if (path.size() == 1) return true;
  std::size_t segment = 1;
  for (std::size_t i = 1; i <= path.size();) {
    if (i < path.size() && path[i] != '/') {
      const Character c = character_at(path, i);
      if (!is_allowed(c)) return false;
      i += c.size;
      continue;
    }
    const std::string_view name = path.substr(segment, i - segment);
    if (name.empty() || name == "." || name == "..") return false;
    segment = ++i;
  }
  return true;
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  B_CHECK(slash != std::string_view::npos);
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view name_of_path(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string join(std::string_view parent, std::string_view name) {
  std::string path(parent);
  if (path != "/") path += '/';
  return path.append(name);
}

}  // namespace barnabas::zookeeper
