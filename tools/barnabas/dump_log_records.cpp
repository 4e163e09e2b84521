#include "tools/barnabas/dump_log_records.hpp"

#include <map>

#include "core/log/file_names.hpp"
#include "core/log/producer_state.hpp"
#include "core/record/record_reader.hpp"
#include "tools/barnabas/dump_log_decoders.hpp"
#include "tools/barnabas/file_reader.hpp"

namespace barnabas::tools {

namespace {

std::string number(std::int64_t value) { return std::to_string(value); }
std::string_view yes_no(bool value) { return value ? "true" : "false"; }

// Walks one file.
class RecordDump {
 public:
  RecordDump(const FileReader& file, RecordContent content, bool headers_only, DumpOutput& out)
      : file_(file), content_(content), headers_only_(headers_only), out_(out) {}

  Result<void> run();

 private:
  Result<bool> next_batch();
  void print_batch(const record::BatchHeader& header, bool valid);
  void print_records(const record::BatchHeader& header, ByteView batch);
  void print_record(const record::BatchHeader& header, const record::RecordView& record);
  void note_offset(Offset offset);

  const FileReader& file_;
  RecordContent content_;
  bool headers_only_;
  DumpOutput& out_;
  std::uint64_t position_ = 0;
  std::optional<Offset> last_offset_;
  std::map<Offset, Offset> gaps_;
};

std::string_view time_name(const record::BatchHeader& header) {
  return header.timestamp_type() == record::TimestampType::log_append_time ? "LogAppendTime" : "CreateTime";
}

void RecordDump::print_batch(const record::BatchHeader& header, bool valid) {
  const std::string horizon = header.has_delete_horizon()
                                  ? "OptionalLong[" + number(header.base_timestamp.value()) + "]"
                                  : "OptionalLong.empty";
  const std::string codec(record::name_of(header.codec()));
  out_.text("baseOffset: " + number(header.base_offset.value()) +
            " lastOffset: " + number(header.last_offset().value()) + " count: " + number(header.record_count) +
            " baseSequence: " + number(header.base_sequence) + " lastSequence: " + number(header.last_sequence()) +
            " producerId: " + number(header.producer_id.value()) + " producerEpoch: " +
            number(header.producer_epoch.value()) + " partitionLeaderEpoch: " + number(header.leader_epoch.value()) +
            " isTransactional: " + std::string(yes_no(header.is_transactional())) +
            " isControl: " + std::string(yes_no(header.is_control())) + " deleteHorizonMs: " + horizon +
            " position: " + std::to_string(position_) + " " + std::string(time_name(header)) + ": " +
            number(header.max_timestamp.value()) + " size: " + std::to_string(header.total_size()) +
            " magic: 2 compresscodec: " + codec + " crc: " + std::to_string(header.crc) +
            " isvalid: " + std::string(yes_no(valid)));
  Json fields{{"position", position_},
              {"size", header.total_size()},
              {"magic", 2},
              {"baseOffset", header.base_offset.value()},
              {"lastOffset", header.last_offset().value()},
              {"count", header.record_count},
              {"baseSequence", header.base_sequence},
              {"lastSequence", header.last_sequence()},
              {"producerId", header.producer_id.value()},
              {"producerEpoch", header.producer_epoch.value()},
              {"partitionLeaderEpoch", header.leader_epoch.value()},
              {"isTransactional", header.is_transactional()},
              {"isControl", header.is_control()},
              {"timestampType", time_name(header)},
              {"maxTimestamp", header.max_timestamp.value()},
              {"compression", codec},
              {"crc", header.crc},
              {"isValid", valid}};
  if (header.has_delete_horizon()) fields["deleteHorizonMs"] = header.base_timestamp.value();
  out_.object("batch", std::move(fields));
}

void RecordDump::note_offset(Offset offset) {
  if (last_offset_ && offset != *last_offset_ + 1) gaps_.emplace(*last_offset_, offset);
  last_offset_ = offset;
}

void RecordDump::print_record(const record::BatchHeader& header, const record::RecordView& record) {
  note_offset(record.offset);
  const bool sequenced = header.base_sequence != record::kNoSequence;
  const std::int64_t past = std::int64_t{header.base_sequence} + (record.offset - header.base_offset);
  const std::int64_t sequence = sequenced ? past & 0x7fffffff : record::kNoSequence;
  std::string names;
  Json headers = Json::array();
  for (const record::Header& one : record.headers) {
    names += (names.empty() ? "" : ",") + std::string(one.key);
    headers.push_back({{"key", readable(as_bytes(one.key))}, {"value", json_of(one.value)}});
  }
  const auto size_of = [](const std::optional<ByteView>& bytes) {
    return bytes ? static_cast<std::int64_t>(bytes->size()) : -1;
  };
  const DecodedRecord decoded = decode_record(header, record, content_);
  out_.text("| offset: " + number(record.offset.value()) + " " + std::string(time_name(header)) + ": " +
            number(record.timestamp.value()) + " keySize: " + number(size_of(record.key)) +
            " valueSize: " + number(size_of(record.value)) + " sequence: " + number(sequence) + " headerKeys: [" +
            names + "]" + decoded.text);
  Json fields{{"offset", record.offset.value()},
              {"timestamp", record.timestamp.value()},
              {"keySize", size_of(record.key)},
              {"valueSize", size_of(record.value)},
              {"sequence", sequence},
              {"headers", std::move(headers)}};
  fields.update(decoded.fields);
  out_.object("record", std::move(fields));
}

void RecordDump::print_records(const record::BatchHeader& header, ByteView batch) {
  const auto walked =
      record::for_each_record(batch, [&](const record::RecordView& record) { print_record(header, record); });
  if (!walked) out_.damage("The records at position " + std::to_string(position_) + ": " + walked.error().message);
}

Result<bool> RecordDump::next_batch() {
  const std::uint64_t left = file_.size() - position_;
  if (left == 0) return false;
  B_TRY(const Buffer head, file_.read(position_, std::min<std::uint64_t>(left, record::kBatchHeaderSize)));
  const auto header = record::parse_batch_header_prefix(head.view());
  if (!header || header->total_size() > left) {
    out_.damage("Found " + std::to_string(left) + " invalid bytes at the end of the file, from position " +
                std::to_string(position_) + ": " + (header ? "the batch is not whole" : header.error().message));
    return false;
  }
  B_TRY(const Buffer batch, file_.read(position_, header->total_size()));
  const bool valid = record::verify_crc(batch.view()).has_value();
  print_batch(*header, valid);
  if (!valid) out_.damage("The batch at position " + std::to_string(position_) + " does not match its CRC");
  if (valid && !headers_only_) print_records(*header, batch.view());
  position_ += header->total_size();
  return true;
}

Result<void> RecordDump::run() {
  while (true) {
    B_TRY(const bool more, next_batch());
    if (!more) break;
  }
  if (gaps_.empty()) return {};
  // As compaction leaves them.
  out_.text("Non-consecutive offsets in " + file_.path());
  for (const auto& [before, after] : gaps_) {
    out_.text("  " + number(before.value()) + " is followed by " + number(after.value()));
  }
  return {};
}

}  // namespace

Result<void> dump_records(const std::string& path, RecordContent content, bool headers_only, DumpOutput& out) {
  B_TRY(const FileReader file, FileReader::open(path));
  const std::string name = path.substr(path.rfind('/') + 1);
  if (const auto base = log::parse_offset_file_name(name, log::kLogSuffix)) {
    out.text("Log starting offset: " + number(base->value()));
  }
  return RecordDump(file, content, headers_only, out).run();
}

}  // namespace barnabas::tools
