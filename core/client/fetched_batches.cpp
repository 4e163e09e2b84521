#include "core/client/fetched_batches.hpp"

#include <algorithm>
#include <set>

#include "core/record/record_reader.hpp"

namespace barnabas::client {
namespace {

// Follows the transactions that a batch may belong to, as Kafka's consumer does: a producer's batches are
// aborted from the first offset listed for it until its abort marker.
class AbortedTransactions {
 public:
  AbortedTransactions(const protocol::FetchResponse::PartitionData& data, IsolationLevel isolation) {
    if (isolation != IsolationLevel::read_committed || !data.aborted_transactions) return;
    for (const auto& one : *data.aborted_transactions) pending_.emplace_back(one.first_offset, one.producer_id);
    std::ranges::sort(pending_);
  }

  bool covers(const record::BatchHeader& header) {
    while (next_ < pending_.size() && pending_[next_].first <= header.last_offset().value()) {
      active_.insert(pending_[next_++].second);
    }
    return header.is_transactional() && active_.contains(header.producer_id.value());
  }
  void end(ProducerId producer) { active_.erase(producer.value()); }

 private:
  std::vector<std::pair<std::int64_t, std::int64_t>> pending_;
  std::size_t next_ = 0;
  std::set<std::int64_t> active_;
};

// A control record's key is a version and a type: 0 abort, 1 commit.
bool is_abort_marker(ByteView batch) {
  bool abort = false;
  const auto walked = record::for_each_record(batch, [&](const record::RecordView& record) {
    if (!record.key || record.key->size() < 4) return;
    abort = load_big_endian<std::int16_t>(record.key->data() + 2) == 0;
  });
  return walked.has_value() && abort;
}

std::optional<std::string> text_of(const std::optional<ByteView>& bytes) {
  return bytes ? std::optional<std::string>(as_text(*bytes)) : std::nullopt;
}

ConsumedRecord to_consumed(const TopicPartition& partition, const record::BatchHeader& header,
                           const record::RecordView& record) {
  ConsumedRecord consumed;
  consumed.partition = partition;
  consumed.offset = record.offset;
  consumed.leader_epoch = header.leader_epoch;
  consumed.timestamp = record.timestamp;
  consumed.timestamp_type = header.timestamp_type();
  consumed.key = text_of(record.key);
  consumed.value = text_of(record.value);
  for (const record::Header& one : record.headers) {
    consumed.headers.emplace_back(std::string(one.key), text_of(one.value));
  }
  consumed.producer_id = header.producer_id;
  consumed.producer_epoch = header.producer_epoch;
  if (header.base_sequence >= 0) {
    const auto delta = static_cast<std::uint32_t>(record.offset - header.base_offset);
    consumed.sequence =
        static_cast<std::int32_t>((static_cast<std::uint32_t>(header.base_sequence) + delta) & 0x7fffffff);
  }
  return consumed;
}

}  // namespace

FetchedBatches read_fetched(const TopicPartition& partition, Offset position,
                            const protocol::FetchResponse::PartitionData& data, const ConsumerOptions& options) {
  FetchedBatches result;
  result.next_offset = position;
  AbortedTransactions aborted(data, options.isolation);
  ByteView input = data.records ? data.records->view() : ByteView();
  const auto read_batch = [&](ByteView bytes) -> Result<std::size_t> {
    B_TRY(const record::BatchHeader header, record::parse_batch_header(bytes));
    const ByteView batch = bytes.first(header.total_size());
    if (options.check_crcs) B_TRY_VOID(record::verify_crc(batch));
    const bool skipped = aborted.covers(header);
    if (header.is_control()) {
      if (is_abort_marker(batch)) aborted.end(header.producer_id);
    } else if (!skipped) {
      B_TRY_VOID(record::for_each_record(batch, [&](const record::RecordView& record) {
        if (record.offset >= position) result.records.push_back(to_consumed(partition, header, record));
      }));
    }
    result.next_offset = std::max(result.next_offset, header.next_offset());
    return header.total_size();
  };
  while (!input.empty()) {
    const std::size_t records_before = result.records.size();
    const auto size = read_batch(input);
    if (!size) {
      result.records.resize(records_before);  // Not half a batch.
      if (size.error().code != Errc::truncated) result.problem = size.error();
      break;
    }
    input = input.subspan(*size);
  }
  return result;
}

}  // namespace barnabas::client
