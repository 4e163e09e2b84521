#include "core/base/result.hpp"

namespace barnabas {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::timed_out: return "timed_out";
    case Errc::closed: return "closed";
    case Errc::end_of_stream: return "end_of_stream";
    case Errc::connection_reset: return "connection_reset";
    case Errc::connection_refused: return "connection_refused";
    case Errc::address_in_use: return "address_in_use";
    case Errc::not_found: return "not_found";
    case Errc::already_exists: return "already_exists";
    case Errc::not_empty: return "not_empty";
    case Errc::session_expired: return "session_expired";
    case Errc::permission_denied: return "permission_denied";
    case Errc::locked: return "locked";
    case Errc::no_space: return "no_space";
    case Errc::io_error: return "io_error";
    case Errc::unsupported: return "unsupported";
    case Errc::corrupt: return "corrupt";
    case Errc::truncated: return "truncated";
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::too_large: return "too_large";
    case Errc::bad_version: return "bad_version";
    case Errc::unknown_topic_or_partition: return "unknown_topic_or_partition";
    case Errc::not_leader: return "not_leader";
    case Errc::fenced_leader_epoch: return "fenced_leader_epoch";
    case Errc::unknown_leader_epoch: return "unknown_leader_epoch";
    case Errc::not_enough_replicas: return "not_enough_replicas";
    case Errc::not_enough_replicas_after_append: return "not_enough_replicas_after_append";
    case Errc::offset_out_of_range: return "offset_out_of_range";
    case Errc::out_of_order_sequence: return "out_of_order_sequence";
    case Errc::invalid_producer_epoch: return "invalid_producer_epoch";
    case Errc::unknown_producer: return "unknown_producer";
    case Errc::duplicate_sequence: return "duplicate_sequence";
    case Errc::invalid_record: return "invalid_record";
    case Errc::invalid_timestamp: return "invalid_timestamp";
    case Errc::unsupported_codec: return "unsupported_codec";
    case Errc::record_list_too_large: return "record_list_too_large";
    case Errc::storage_failed: return "storage_failed";
  }
  return "?";
}

std::string Error::to_string() const {
  std::string text(name_of(code));
  if (!message.empty()) text.append(": ").append(message);
  return text;
}

}  // namespace barnabas
