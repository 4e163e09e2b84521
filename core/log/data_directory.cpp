#include "core/log/data_directory.hpp"

#include <limits>
#include <optional>

#include "core/base/split.hpp"
#include "core/log/file_names.hpp"
#include "core/log/text_lines.hpp"

namespace barnabas::log {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::optional<std::int32_t> parse_int32(std::string_view text) {
  const auto value = parse_decimal(text);
  if (!value || *value > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

}  // namespace

std::string to_text(const OffsetCheckpoint& checkpoint) {
  std::string text = "0\n" + std::to_string(checkpoint.size()) + "\n";
  for (const auto& [id, offset] : checkpoint) {
    text += id.topic + " " + std::to_string(id.partition.value()) + " " + std::to_string(offset.value()) + "\n";
  }
  return text;
}

Result<OffsetCheckpoint> parse_offset_checkpoint(std::string_view text, std::string_view name) {
  OffsetCheckpoint checkpoint;
  B_TRY(const auto lines, checkpoint_lines(text, name));
  for (const std::string_view line : lines) {
    const auto fields = split(line, ' ');
    const auto partition = fields.size() == 3 ? parse_int32(fields[1]) : std::nullopt;
    const auto offset = fields.size() == 3 ? parse_decimal(fields[2]) : std::nullopt;
    if (!partition || !offset || fields[0].empty()) {
      return fail(Errc::corrupt, std::string(name) + ": line '" + std::string(line) + "'");
    }
    checkpoint[TopicPartition{std::string(fields[0]), PartitionId(*partition)}] = Offset(*offset);
  }
  return checkpoint;
}

std::string to_text(const MetaProperties& properties) {
  return "#\nbroker.id=" + std::to_string(properties.broker_id.value()) + "\nversion=0\ncluster.id=" +
         properties.cluster_id + "\n";
}

Result<MetaProperties> parse_meta_properties(std::string_view text) {
  MetaProperties properties;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trimmed(raw);
    const std::size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || line.front() == '!' || equals == std::string_view::npos) continue;
    const std::string_view key = trimmed(line.substr(0, equals));
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (key == "version" && value != "0") {
      return fail(Errc::unsupported, "meta.properties: version=" + std::string(value) +
                                         "; only directories of ZooKeeper mode (version=0) can be opened");
    }
    if (key == "broker.id") {
      const auto id = parse_int32(value);
      if (!id) return fail(Errc::corrupt, "meta.properties: broker.id=" + std::string(value) + " is no broker id");
      properties.broker_id = BrokerId(*id);
    }
    if (key == "cluster.id") properties.cluster_id = value;
  }
  if (properties.broker_id == kNoBroker || properties.cluster_id.empty()) {
    return fail(Errc::corrupt, "meta.properties: broker.id or cluster.id is missing");
  }
  return properties;
}

}  // namespace barnabas::log
