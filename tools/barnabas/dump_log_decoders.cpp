#include "tools/barnabas/dump_log_decoders.hpp"

#include "core/base/reader.hpp"
#include "core/protocol/internal/group_metadata_record.hpp"
#include "core/protocol/internal/offset_commit_record.hpp"
#include "core/protocol/internal/transaction_log_record.hpp"
#include "core/protocol/internal/versioned.hpp"
#include "core/protocol/json.hpp"

namespace barnabas::tools {

namespace {

constexpr std::int16_t kAbort = 0;
constexpr std::int16_t kCommit = 1;

DecodedRecord as_bytes_are(const record::RecordView& record) {
  DecodedRecord decoded;
  if (record.key) decoded.text += " key: " + readable(*record.key);
  if (record.value) decoded.text += " payload: " + readable(*record.value);
  decoded.fields = {{"key", json_of(record.key)}, {"value", json_of(record.value)}};
  return decoded;
}

DecodedRecord decode_control(const record::RecordView& record) {
  Reader key(record.key.value_or(ByteView{}));
  key.skip(2);
  const std::int16_t type = key.i16();
  Reader value(record.value.value_or(ByteView{}));
  value.skip(2);
  const std::int32_t coordinator_epoch = value.i32();
  if (!key.ok()) return as_bytes_are(record);
  if ((type != kAbort && type != kCommit) || !value.ok()) {
    return {" controlType: " + std::to_string(type), {{"controlType", type}}};
  }
  const std::string name = type == kCommit ? "COMMIT" : "ABORT";
  return {" endTxnMarker: " + name + " coordinatorEpoch: " + std::to_string(coordinator_epoch),
          {{"endTxnMarker", name}, {"coordinatorEpoch", coordinator_epoch}}};
}

// {"version": "3", "data": {...}}. Nothing: it is no M of a version that is known.
template <protocol::Message M>
std::optional<Json> decode_as(ByteView bytes, std::string_view version_name) {
  const auto version = protocol::version_of(bytes);
  const auto message = protocol::decode_versioned<M>(bytes);
  if (!version || !message) return std::nullopt;
  const std::string data = protocol::to_json(*message, *version).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json{{version_name, std::to_string(*version)}, {"data", Json::parse(data)}};
}

std::optional<Json> decode_value_of_group(std::int16_t key_version, ByteView value) {
  if (key_version <= protocol::OffsetCommitKey::kMaxVersion) {
    return decode_as<protocol::OffsetCommitValue>(value, "version");
  }
  return decode_as<protocol::GroupMetadataValue>(value, "version");
}

DecodedRecord decode_group(const record::RecordView& record) {
  const auto version = protocol::version_of(record.key.value_or(ByteView{}));
  if (!version) return as_bytes_are(record);
  auto key = *version <= protocol::OffsetCommitKey::kMaxVersion
                 ? decode_as<protocol::OffsetCommitKey>(*record.key, "type")
                 : decode_as<protocol::GroupMetadataKey>(*record.key, "type");
  auto value = record.value ? decode_value_of_group(*version, *record.value) : Json(nullptr);
  if (!key || !value) return as_bytes_are(record);
  DecodedRecord decoded;
  decoded.text = " key: " + key->dump() + " payload: " + (record.value ? value->dump() : "<DELETE>");
  decoded.fields = {{"key", *std::move(key)}, {"value", *std::move(value)}};
  return decoded;
}

std::string_view state_name(std::int8_t status) {
  constexpr std::string_view kNames[] = {"Empty",          "Ongoing",       "PrepareCommit", "PrepareAbort",
                                         "CompleteCommit", "CompleteAbort", "Dead",          "PrepareEpochFence"};
  if (status < 0 || static_cast<std::size_t>(status) >= std::size(kNames)) return "Unknown";
  return kNames[status];
}

std::string partitions_of(const protocol::TransactionLogValue& value) {
  std::string text;
  if (!value.transaction_partitions) return text;
  for (const auto& topic : *value.transaction_partitions) {
    for (const std::int32_t partition : topic.partition_ids) {
      text += (text.empty() ? "" : ",") + topic.topic.str() + "-" + std::to_string(partition);
    }
  }
  return text;
}

DecodedRecord decode_transaction(const record::RecordView& record) {
  const auto key = protocol::decode_versioned<protocol::TransactionLogKey>(record.key.value_or(ByteView{}));
  if (!key) return as_bytes_are(record);
  const std::string id = readable(as_bytes(key->transactional_id.view()));
  DecodedRecord decoded{" key: transaction_metadata::transactionalId=" + id, {{"transactionalId", id}}};
  if (!record.value) {
    decoded.text += " payload: <DELETE>";
    decoded.fields["state"] = nullptr;
    return decoded;
  }
  const auto value = protocol::decode_versioned<protocol::TransactionLogValue>(*record.value);
  if (!value) return as_bytes_are(record);
  const std::string state(state_name(value->transaction_status));
  decoded.text += " payload: producerId:" + std::to_string(value->producer_id) +
                  ",producerEpoch:" + std::to_string(value->producer_epoch) + ",state=" + state + ",partitions=[" +
                  partitions_of(*value) +
                  "],txnLastUpdateTimestamp=" + std::to_string(value->transaction_last_update_timestamp_ms) +
                  ",txnTimeoutMs=" + std::to_string(value->transaction_timeout_ms);
  decoded.fields["state"] = state;
  if (const auto data = decode_as<protocol::TransactionLogValue>(*record.value, "version")) {
    decoded.fields["value"] = *data;
  }
  return decoded;
}

}  // namespace

DecodedRecord decode_record(const record::BatchHeader& header, const record::RecordView& record,
                            RecordContent content) {
  if (header.is_control()) return decode_control(record);
  switch (content) {
    case RecordContent::bytes: return as_bytes_are(record);
    case RecordContent::group_offsets: return decode_group(record);
    case RecordContent::transactions: return decode_transaction(record);
  }
  return as_bytes_are(record);
}

}  // namespace barnabas::tools
