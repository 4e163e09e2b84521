// What an answer to a produced batch means for the batch. Pure.
#pragma once

#include <cstdint>

#include "core/protocol/error_code.hpp"

namespace barnabas::client {

enum class Verdict : std::uint8_t {
  appended,
  retry,            // Not appended by this attempt; the same may succeed later.
  retry_ambiguous,  // May have been appended; sending again is right only where it is idempotent or wanted.
  sequence_gap,     // Not appended, because a batch before it is missing.
  refused,          // Not appended, and sending it again is pointless.
  refused_ambiguous,
};

// NOT_LEADER_OR_FOLLOWER to a batch with acks -1 is ambiguous: a leader that loses its place while the batch,
// appended already, waits for the replicas gives the same answer. So are a time-out, too few replicas after
// the append, and a storage or unknown error, which says nothing of how far the append came.
constexpr Verdict judge(protocol::ErrorCode code, std::int16_t acks) {
  using protocol::ErrorCode;
  switch (code) {
    case ErrorCode::none:
    case ErrorCode::duplicate_sequence_number: return Verdict::appended;
    case ErrorCode::out_of_order_sequence_number: return Verdict::sequence_gap;
    case ErrorCode::request_timed_out:
    case ErrorCode::not_enough_replicas_after_append:
    case ErrorCode::network_exception:
    case ErrorCode::kafka_storage_error: return Verdict::retry_ambiguous;
    case ErrorCode::not_leader_or_follower: return acks == -1 ? Verdict::retry_ambiguous : Verdict::retry;
    case ErrorCode::unknown_server_error: return Verdict::refused_ambiguous;
    case ErrorCode::corrupt_message:
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::leader_not_available:
    case ErrorCode::replica_not_available:
    case ErrorCode::not_enough_replicas:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::unknown_leader_epoch:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::concurrent_transactions:
    case ErrorCode::throttling_quota_exceeded: return Verdict::retry;
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::invalid_record:
    case ErrorCode::invalid_timestamp:
    case ErrorCode::invalid_required_acks:
    case ErrorCode::invalid_topic_exception:
    case ErrorCode::invalid_request:
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::unknown_producer_id:
    case ErrorCode::producer_fenced:
    case ErrorCode::unsupported_version:
    case ErrorCode::unsupported_for_message_format:
    case ErrorCode::unsupported_compression_type:
    case ErrorCode::policy_violation:
    case ErrorCode::topic_authorization_failed:
    case ErrorCode::cluster_authorization_failed:
    case ErrorCode::transactional_id_authorization_failed: return Verdict::refused;
    default: return Verdict::refused_ambiguous;  // A code that no broker should give here.
  }
}

constexpr bool is_ambiguous(Verdict verdict) {
  return verdict == Verdict::retry_ambiguous || verdict == Verdict::refused_ambiguous;
}
constexpr bool is_refused(Verdict verdict) {
  return verdict == Verdict::refused || verdict == Verdict::refused_ambiguous;
}

}  // namespace barnabas::client
