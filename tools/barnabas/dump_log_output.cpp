#include "tools/barnabas/dump_log_output.hpp"

#include <cstdio>

namespace barnabas::tools {

namespace {

constexpr auto kReplace = Json::error_handler_t::replace;

void print(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

std::string base64(ByteView bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
    }
    for (std::size_t i = 0; i < 4; ++i) text += i <= count ? kDigits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

}  // namespace

std::string readable(ByteView bytes) {
  // The JSON library knows UTF-8; the quotes and escapes that it adds are taken off again.
  const std::string quoted = Json(std::string(as_text(bytes))).dump(-1, ' ', false, kReplace);
  return Json::parse(quoted).get<std::string>();
}

Json json_of(const std::optional<ByteView>& bytes) {
  if (!bytes) return nullptr;
  const std::string text(as_text(*bytes));
  if (readable(*bytes) == text) return text;
  return {{"base64", base64(*bytes)}};
}

void DumpOutput::begin_file(const std::string& path) {
  path_ = path;
  if (!json_) print("Dumping " + path);
}

void DumpOutput::text(const std::string& line) {
  if (!json_) print(line);
}

void DumpOutput::object(std::string_view type, Json fields) {
  if (!json_) return;
  Json whole{{"file", path_}, {"type", type}};
  whole.update(fields);
  print(whole.dump(-1, ' ', false, kReplace));
}

void DumpOutput::damage(const std::string& what) {
  damaged_ = true;
  text(what);
  object("damage", {{"what", what}});
}

}  // namespace barnabas::tools
