#include "core/metadata/properties.hpp"

#include <cstdint>
#include <optional>

namespace barnabas::metadata {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

// Takes physical lines from the front of a text. \n, \r and \r\n end a line.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t taken() const { return taken_; }

  // Without its end and without leading blanks.
  std::string_view take() {
    const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    std::string_view line = rest_.substr(0, end);
    const bool pair = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(std::min(end + (pair ? 2 : 1), rest_.size()));
    ++taken_;
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    return line;
  }

 private:
  std::string_view rest_;
  std::size_t taken_ = 0;
};

bool is_continued(std::string_view line) {
  std::size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    const bool digit = c >= '0' && c <= '9';
    const char lower = static_cast<char>(c | 0x20);
    if (!digit && (lower < 'a' || lower > 'f')) return std::nullopt;
    value = value * 16 + static_cast<std::uint32_t>(digit ? c - '0' : lower - 'a' + 10);
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// The code point after "\u" at the front of text, which loses what was read. Two surrogates make one.
std::optional<std::uint32_t> take_unicode(std::string_view& text) {
  const auto high = hex4(text);
  if (!high) return std::nullopt;
  text.remove_prefix(4);
  const bool pair = *high >= 0xd800 && *high < 0xdc00 && text.starts_with("\\u");
  const auto low = pair ? hex4(text.substr(2)) : std::nullopt;
  if (!low || *low < 0xdc00 || *low > 0xdfff) return *high >= 0xd800 && *high <= 0xdfff ? 0xfffdU : *high;
  text.remove_prefix(6);
  return 0x10000 + ((*high - 0xd800) << 10) + (*low - 0xdc00);
}

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      if (c != '\\') out += c;
      continue;
    }
    const char escaped = text.front();
    text.remove_prefix(1);
    switch (escaped) {
      case 't': out += '\t'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 'f': out += '\f'; break;
      case 'u': {
        const auto code = take_unicode(text);
        if (code) append_utf8(out, *code);
        if (!code) out += 'u';
        break;
      }
      default: out += escaped;
    }
  }
  return out;
}

Property split_line(std::string_view line, std::size_t number) {
  std::size_t end = 0;
  while (end < line.size() && !is_blank(line[end]) && line[end] != '=' && line[end] != ':') {
    end += line[end] == '\\' ? std::size_t{2} : std::size_t{1};
  }
  end = std::min(end, line.size());
  std::size_t value = end;
  while (value < line.size() && is_blank(line[value])) ++value;
  if (value < line.size() && (line[value] == '=' || line[value] == ':')) ++value;
  while (value < line.size() && is_blank(line[value])) ++value;
  return {unescape(line.substr(0, end)), unescape(line.substr(value)), number};
}

}  // namespace

std::vector<Property> parse_properties(std::string_view text) {
  std::vector<Property> properties;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // A byte-order mark, as some editors leave it.
  Lines lines(text);
  while (!lines.at_end()) {
    std::string line(lines.take());
    const std::size_t number = lines.taken();
    if (line.empty() || line.front() == '#' || line.front() == '!') continue;
    while (is_continued(line)) {
      line.pop_back();
      if (lines.at_end()) break;
      line += lines.take();
    }
    if (!line.empty()) properties.push_back(split_line(line, number));
  }
  return properties;
}

}  // namespace barnabas::metadata
