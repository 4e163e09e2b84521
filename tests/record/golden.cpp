#include "tests/record/golden.hpp"

#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "core/record/legacy.hpp"
#include "core/record/record_reader.hpp"

namespace barnabas::record::golden {
namespace {

std::string read_gzip(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::abort();
  }
  std::string text;
  std::string chunk(1 << 16, '\0');
  for (int got = 0; (got = gzread(file, chunk.data(), static_cast<unsigned>(chunk.size()))) > 0;) {
    text.append(chunk, 0, static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

std::byte nibble(char digit) { return static_cast<std::byte>(digit <= '9' ? digit - '0' : digit - 'a' + 10); }

std::string timestamp_type_name(const BatchHeader& header) {
  return header.timestamp_type() == TimestampType::log_append_time ? "LogAppendTime" : "CreateTime";
}

Json describe_batch(ByteView bytes) {
  const BatchHeader header = load_batch_header(bytes);
  const bool horizon = header.has_delete_horizon();
  return {{"sizeInBytes", bytes.size()},
          {"magic", 2},
          {"baseOffset", header.base_offset.value()},
          {"lastOffset", header.last_offset().value()},
          {"nextOffset", header.next_offset().value()},
          {"crc", header.crc},
          {"attributes", static_cast<std::uint16_t>(header.attributes)},
          {"compression", name_of(header.codec())},
          {"timestampType", timestamp_type_name(header)},
          {"maxTimestamp", header.max_timestamp.value()},
          {"producerId", header.producer_id.value()},
          {"producerEpoch", header.producer_epoch.value()},
          {"baseSequence", header.base_sequence},
          {"lastSequence", header.last_sequence()},
          {"partitionLeaderEpoch", header.leader_epoch.value()},
          {"isTransactional", header.is_transactional()},
          {"isControl", header.is_control()},
          {"deleteHorizonMs", horizon ? Json(header.base_timestamp.value()) : Json()},
          {"baseTimestamp", header.base_timestamp.value()},
          {"count", header.record_count}};
}

Json describe_message(ByteView bytes) {
  const Result<Message> message = parse_message(bytes);
  if (!message) return {{"error", message.error().to_string()}};
  const char* create_or_none = message->magic == 0 ? "NoTimestampType" : "CreateTime";
  return {
      {"sizeInBytes", bytes.size()},
      {"magic", message->magic},
      {"lastOffset", message->offset.value()},
      {"nextOffset", message->offset.value() + 1},
      {"crc", message->crc},
      {"attributes", message->attributes},
      {"compression", name_of(static_cast<Codec>(message->codec_id()))},
      {"timestampType", message->timestamp_type() == TimestampType::log_append_time ? "LogAppendTime" : create_or_none},
      {"maxTimestamp", message->timestamp.value()}};
}

Json describe_headers(const Headers& headers) {
  Json list = Json::array();
  for (const Header& header : headers) list.push_back({{"key", header.key}, {"value", hex_or_null(header.value)}});
  return list;
}

}  // namespace

std::vector<Json> load(const std::string& name) {
  std::istringstream text(read_gzip(std::string(BARNABAS_GOLDEN_DIR) + "/vectors/" + name));
  std::vector<Json> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
  return lines;
}

Buffer from_hex(std::string_view hex) {
  Buffer bytes = Buffer::allocate(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes.mutable_view()[i] = nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]);
  }
  return bytes;
}

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::byte byte : bytes) {
    hex += kDigits[static_cast<std::size_t>(byte >> 4)];
    hex += kDigits[static_cast<std::size_t>(byte & std::byte{15})];
  }
  return hex;
}

Json hex_or_null(const std::optional<ByteView>& bytes) { return bytes ? Json(to_hex(*bytes)) : Json(); }

std::string compare_batch(const Json& expected, ByteView bytes) {
  const bool batch = bytes[kMagicPosition] == std::byte{2};
  const Json found = batch ? describe_batch(bytes) : describe_message(bytes);
  if (found.contains("error")) return found.at("error");
  for (const auto& [key, value] : found.items()) {
    if (expected.at(key) != value) return key + ": " + value.dump() + ", but Kafka says " + expected.at(key).dump();
  }
  return "";
}

Walk walk_records(ByteView bytes) {
  Walk walk;
  Result<void> status;
  if (bytes[kMagicPosition] == std::byte{2}) {
    status = for_each_record(bytes, [&](const RecordView& record) {
      walk.records.push_back({{"offset", record.offset.value()},
                              {"timestamp", record.timestamp.value()},
                              {"sizeInBytes", record.size},
                              {"key", hex_or_null(record.key)},
                              {"value", hex_or_null(record.value)},
                              {"headers", describe_headers(record.headers)}});
    });
  } else {
    status = for_each_message(bytes, kMaxDecompressedSize, [&](const Message& message) -> Result<void> {
      walk.records.push_back({{"offset", message.offset.value()},
                              {"timestamp", message.timestamp.value()},
                              {"key", hex_or_null(message.key)},
                              {"value", hex_or_null(message.value)},
                              {"headers", Json::array()}});
      return {};
    });
  }
  if (!status) walk.error = status.error().to_string();
  return walk;
}

Skipped::~Skipped() {
  for (const auto& [reason, lines] : lines_) {
    std::printf("%s: %zu not compared: %s (%s%s)\n", test_.c_str(), lines.size(), reason.c_str(), lines[0].c_str(),
                lines.size() > 1 ? ", ..." : "");
  }
}

}  // namespace barnabas::record::golden
