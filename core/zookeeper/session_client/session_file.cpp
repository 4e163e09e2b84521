#include "core/zookeeper/session_client/session_file.hpp"

#include <array>
#include <charconv>

#include "core/base/checksum.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::size_t kMaxFileSize = 4096;

std::string hex(std::uint64_t value, std::size_t digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 4) text[i] = kDigits[value & 15];
  return text;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string render(const Credentials& credentials) {
  std::string text = "version=1\nsession=" + hex(static_cast<std::uint64_t>(credentials.session.value()), 16);
  text += "\npassword=";
  for (const std::byte byte : credentials.password.view()) text += hex(static_cast<std::uint64_t>(byte), 2);
  text += "\n";
  return text + "crc=" + hex(crc32c(as_bytes(text)), 8) + "\n";
}

// The value of the next line, which must be of this key.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view key) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(key) || text.substr(key.size(), 1) != "=") return std::nullopt;
  const std::string_view value = text.substr(key.size() + 1, end - key.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

std::optional<Credentials> parse(std::string_view text) {
  std::string_view rest = text;
  const auto version = take_line(rest, "version");
  const auto session = take_line(rest, "session");
  const auto password = take_line(rest, "password");
  const std::string_view checked = text.substr(0, text.size() - rest.size());
  const auto crc = take_line(rest, "crc");
  if (!crc || version != "1" || parse_hex(*crc) != crc32c(as_bytes(checked))) return std::nullopt;
  const auto id = parse_hex(*session);
  if (!id || password->size() != 2 * wire::kPasswordSize) return std::nullopt;
  Buffer bytes = Buffer::allocate(wire::kPasswordSize);
  for (std::size_t i = 0; i < wire::kPasswordSize; ++i) {
    const auto byte = parse_hex(password->substr(2 * i, 2));
    if (!byte) return std::nullopt;
    bytes.mutable_view()[i] = static_cast<std::byte>(*byte);
  }
  return Credentials{SessionId(static_cast<std::int64_t>(*id)), std::move(bytes)};
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

Task<Result<std::optional<Credentials>>> read_session_file(env::Disk& disk, std::string path) {
  auto file = co_await disk.open(path, env::OpenMode::read);
  if (!file && file.error().code == Errc::not_found) co_return std::optional<Credentials>();
  if (!file) co_return std::unexpected(std::move(file).error());
  B_CO_TRY(const Buffer bytes, co_await (*file)->read_at(0, kMaxFileSize));
  co_return parse(as_text(bytes.view()));
}

Task<Result<void>> write_session_file(env::Disk& disk, std::string path, Credentials credentials) {
  const std::string text = render(credentials);
  const std::string temporary = path + ".tmp";
  const std::array<ByteView, 1> parts{as_bytes(text)};
  {
    B_CO_TRY(const auto file, co_await disk.open(temporary, env::OpenMode::create_private));
    B_CO_TRY_VOID(co_await file->write_at(0, parts));
    B_CO_TRY_VOID(co_await file->sync());
  }
  B_CO_TRY_VOID(co_await disk.rename(temporary, path));
  std::string directory = directory_of(path);
  co_return co_await disk.sync_directory(std::move(directory));
}

Task<Result<void>> remove_session_file(env::Disk& disk, std::string path) {
  Result<void> removed = co_await disk.remove(path);
  if (!removed && removed.error().code == Errc::not_found) co_return Result<void>();
  co_return removed;
}

}  // namespace barnabas::zookeeper
