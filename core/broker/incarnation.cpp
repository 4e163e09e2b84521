#include "core/broker/incarnation.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/log/whole_file.hpp"

namespace barnabas::broker {
namespace {

struct Written {
  std::uint64_t incarnation = 0;
  std::string boot_id;

  bool operator==(const Written&) const = default;
};

// Nothing for what is not ours, or was torn.
std::optional<Written> parse(std::string_view text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto number = json.find("incarnation");
  const auto boot = json.find("boot_id");
  if (number == json.end() || !number->is_string() || boot == json.end() || !boot->is_string()) return std::nullopt;
  const auto digits = number->get<std::string>();
  Written written{0, boot->get<std::string>()};
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), written.incarnation);
  if (error != std::errc() || stop != digits.data() + digits.size() || written.incarnation == 0) return std::nullopt;
  return written;
}

std::string render(const Written& written) {
  const nlohmann::json json = {
      {"version", 1}, {"incarnation", std::to_string(written.incarnation)}, {"boot_id", written.boot_id}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Task<std::optional<Written>> read(env::Env env, std::string data_dir) {
  std::string path = data_dir + "/" + kIncarnationFile;
  const auto content = co_await log::read_whole_file(env.disk, std::move(path));
  if (!content || !*content) co_return std::nullopt;
  co_return parse(as_text((*content)->view()));
}

// What may go on, of what the directories say.
std::optional<std::uint64_t> continued(const std::vector<std::optional<Written>>& found, bool clean,
                                       const std::string& boot_id) {
  std::optional<std::uint64_t> number;
  for (const std::optional<Written>& written : found) {
    if (!written || (!clean && written->boot_id != boot_id)) return std::nullopt;
    if (number && *number != written->incarnation) return std::nullopt;
    number = written->incarnation;
  }
  return number;
}

}  // namespace

Task<Result<std::uint64_t>> settle_incarnation(env::Env env, std::vector<log::DirectoryStatus> directories,
                                               bool clean) {
  std::vector<std::optional<Written>> found;
  for (const log::DirectoryStatus& directory : directories) {
    std::optional<Written> written;
    if (!directory.failed) written = co_await read(env, directory.data_dir);
    found.push_back(std::move(written));
  }
  Written now;
  now.boot_id = env.host.boot_id();
  const std::optional<std::uint64_t> kept = continued(found, clean, now.boot_id);
  while (!kept && now.incarnation == 0) now.incarnation = env.random.next();
  if (kept) now.incarnation = *kept;
  Result<void> last;
  std::size_t holding = 0;
  for (std::size_t i = 0; i < directories.size(); ++i) {
    if (directories[i].failed) continue;
    if (found[i] != now) {
      const std::string text = render(now);
      Buffer content = Buffer::copy_of(as_bytes(text));
      last = co_await log::replace_file(env.disk, directories[i].data_dir, kIncarnationFile, std::move(content));
      // Without it the next start makes another number: nothing is lost by that.
      if (!last) continue;
    }
    ++holding;
  }
  if (holding == 0 && !last) {
    co_return fail(last.error().code, std::string("log.dirs: ") + kIncarnationFile + " cannot be written: " +
                                          last.error().message);
  }
  co_return now.incarnation;
}

}  // namespace barnabas::broker
