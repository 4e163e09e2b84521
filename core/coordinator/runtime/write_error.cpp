#include "core/coordinator/runtime/write_error.hpp"

namespace barnabas::coordinator {
namespace {

using protocol::ErrorCode;

struct Meaning {
  bool unknown_outcome;
  ErrorCode group;
  ErrorCode commit;
};

constexpr Meaning kElsewhere{false, ErrorCode::not_coordinator, ErrorCode::not_coordinator};
constexpr Meaning kUnavailable{false, ErrorCode::coordinator_not_available, ErrorCode::coordinator_not_available};
constexpr Meaning kTooLarge{false, ErrorCode::unknown_server_error, ErrorCode::invalid_commit_offset_size};
constexpr Meaning kUnknown{true, ErrorCode::coordinator_not_available, ErrorCode::coordinator_not_available};

Meaning meaning_of(Errc error) {
  switch (error) {
    case Errc::not_leader:
    case Errc::fenced_leader_epoch:
    case Errc::unknown_leader_epoch:
    case Errc::closed: return kElsewhere;
    case Errc::no_space:
    case Errc::not_enough_replicas:
    case Errc::unknown_topic_or_partition: return kUnavailable;
    case Errc::too_large:
    case Errc::record_list_too_large:
    case Errc::invalid_record: return kTooLarge;
    case Errc::timed_out:
    case Errc::not_enough_replicas_after_append:
    case Errc::io_error:
    case Errc::storage_failed:
    case Errc::end_of_stream:
    case Errc::connection_reset:
    case Errc::connection_refused:
    case Errc::address_in_use:
    case Errc::not_found:
    case Errc::already_exists:
    case Errc::permission_denied:
    case Errc::locked:
    case Errc::unsupported:
    case Errc::corrupt:
    case Errc::truncated:
    case Errc::invalid_argument:
    case Errc::bad_version:
    case Errc::offset_out_of_range:
    case Errc::out_of_order_sequence:
    case Errc::invalid_producer_epoch:
    case Errc::unknown_producer:
    case Errc::duplicate_sequence:
    case Errc::invalid_timestamp:
    case Errc::unsupported_codec:
    case Errc::not_empty:
    case Errc::session_expired: return kUnknown;
  }
  return kUnknown;
}

}  // namespace

bool outcome_unknown(Errc error) { return meaning_of(error).unknown_outcome; }
ErrorCode group_write_error(Errc error) { return meaning_of(error).group; }
ErrorCode commit_write_error(Errc error) { return meaning_of(error).commit; }

}  // namespace barnabas::coordinator
