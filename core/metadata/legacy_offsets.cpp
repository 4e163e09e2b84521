#include "core/metadata/legacy_offsets.hpp"

#include <charconv>
#include <vector>

#include "core/zookeeper/path.hpp"

namespace barnabas::metadata {
namespace {

constexpr std::string_view kRoot = "/consumers";

// The znode and those above it, the highest first. A group's name may be several.
std::vector<std::string> path_of(const std::string& group, const TopicPartition& partition) {
  const std::string path = zookeeper::join(kRoot, group) + "/offsets/" + partition.topic + "/" +
                           std::to_string(partition.partition.value());
  std::vector<std::string> paths;
  for (std::size_t end = path.find('/', kRoot.size() + 1); end != std::string::npos; end = path.find('/', end + 1)) {
    paths.push_back(path.substr(0, end));
  }
  paths.push_back(path);
  return paths;
}

}  // namespace

bool LegacyOffsets::is_legal_group(std::string_view group) {
  return zookeeper::is_valid_path(std::string(kRoot) + "/" + std::string(group));
}

Task<Result<void>> LegacyOffsets::set(std::string group, TopicPartition partition, Offset offset) {
  const std::vector<std::string> paths = path_of(group, partition);
  const zookeeper::Data data = Buffer::copy_of(as_bytes(std::to_string(offset.value())));
  const auto present = co_await client_.set(paths.back(), data, zookeeper::kAnyVersion);
  if (present) co_return Result<void>{};
  if (present.error().code != Errc::not_found) co_return std::unexpected(present.error());
  for (const std::string& path : paths) {
    zookeeper::Data content;
    if (&path == &paths.back()) content = data;
    const auto made = co_await client_.create(path, std::move(content), zookeeper::CreateMode::persistent);
    if (!made && made.error().code != Errc::already_exists) co_return std::unexpected(made.error());
  }
  // Another commit may have come first.
  const auto written = co_await client_.set(paths.back(), data, zookeeper::kAnyVersion);
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

Task<Result<std::optional<Offset>>> LegacyOffsets::get(std::string group, TopicPartition partition) {
  const std::string path = path_of(group, partition).back();
  const auto node = co_await client_.get(path);
  if (!node && node.error().code == Errc::not_found) co_return std::optional<Offset>();
  if (!node) co_return std::unexpected(node.error());
  const std::string_view text = node->data ? as_text(node->data->view()) : std::string_view();
  std::int64_t offset = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc() || stop != text.data() + text.size()) {
    co_return fail(Errc::corrupt, "znode " + path + " holds no number");
  }
  co_return std::optional(Offset(offset));
}

}  // namespace barnabas::metadata
