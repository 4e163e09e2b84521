#include "tests/golden/record_description.hpp"

#include "core/record/legacy.hpp"
#include "core/record/record_reader.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

using namespace record;

Json hex_or_null(const std::optional<ByteView>& bytes) { return bytes ? Json(to_hex(*bytes)) : Json(); }

// "150*1024 bytes, byte i = "0123456789abcdef"[(i/64)%16]": the one rule that stands in place of a value.
std::string multi_block_value_hex() {
  std::string value;
  for (std::size_t i = 0; i < 150 * 1024; ++i) value += "0123456789abcdef"[(i / 64) % 16];
  return to_hex(as_bytes(value));
}

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

void compare_records(Line& line, const Json& expected, const Walk& found) {
  if (!found.error.empty()) return line.fail("records: " + found.error);
  if (!line.equal(found.records.size(), expected.size(), "count of records")) return;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (const auto& [key, value] : found.records[i].items()) {
      const bool rule = key == "value" && expected[i].contains("valueRule");
      if (value != (rule ? Json(multi_block_value_hex()) : expected[i].at(key))) {
        line.fail("record " + std::to_string(i) + ": " + key + " differs");
      }
    }
  }
}

}  // namespace barnabas::golden
