#include "core/broker/error_mapping.hpp"

#include "core/base/check.hpp"

namespace barnabas::broker {

protocol::ErrorCode error_code_of(Errc code) {
  using enum protocol::ErrorCode;
  switch (code) {
    case Errc::timed_out: return request_timed_out;
    // The partition is being removed, or the broker is stopping: whoever looks for the leader again finds out.
    case Errc::closed:
    case Errc::not_leader: return not_leader_or_follower;
    case Errc::end_of_stream:
    case Errc::connection_reset:
    case Errc::connection_refused: return network_exception;
    case Errc::address_in_use:
    case Errc::not_empty:
    case Errc::session_expired: return unknown_server_error;
    case Errc::not_found: return resource_not_found;
    case Errc::already_exists: return duplicate_resource;
    case Errc::permission_denied:
    case Errc::locked:
    case Errc::no_space:
    case Errc::io_error:
    case Errc::storage_failed: return kafka_storage_error;
    case Errc::unsupported: return unsupported_version;
    case Errc::corrupt:
    case Errc::truncated: return corrupt_message;
    case Errc::invalid_argument: return invalid_request;
    case Errc::too_large: return message_too_large;
    // A write that only the controller may do was refused: another one was elected.
    case Errc::bad_version: return not_controller;
    case Errc::unknown_topic_or_partition: return unknown_topic_or_partition;
    case Errc::fenced_leader_epoch: return fenced_leader_epoch;
    case Errc::unknown_leader_epoch: return unknown_leader_epoch;
    case Errc::not_enough_replicas: return not_enough_replicas;
    case Errc::not_enough_replicas_after_append: return not_enough_replicas_after_append;
    case Errc::offset_out_of_range: return offset_out_of_range;
    // Kafka tells a batch before those it remembers from a gap as little as this.
    case Errc::duplicate_sequence:
    case Errc::out_of_order_sequence: return out_of_order_sequence_number;
    case Errc::invalid_producer_epoch: return invalid_producer_epoch;
    case Errc::unknown_producer: return unknown_producer_id;
    case Errc::invalid_record: return invalid_record;
    case Errc::invalid_timestamp: return invalid_timestamp;
    case Errc::unsupported_codec: return unsupported_compression_type;
    case Errc::record_list_too_large: return record_list_too_large;
  }
  B_CHECK(false);
}

}  // namespace barnabas::broker
