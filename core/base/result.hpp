// Errors as values.
//
// Every fallible function of core returns Result<T>. An Error has a code, on which callers decide, and a
// message, which only people read: it names the thing concerned and, where there is one, the remedy.
// Broken invariants are not errors: see check.hpp.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace barnabas {

// What went wrong, as far as a caller may decide on it. core/broker/error_mapping.cpp maps each of these to
// a Kafka error code in one switch without a default branch; a new value does not compile until it is there.
enum class Errc : std::uint8_t {
  // The world outside (env).
  timed_out,           // A deadline passed first.
  closed,              // The thing was closed on our own side, or is stopping.
  end_of_stream,       // The peer closed its sending side in an orderly way.
  connection_reset,    // The peer or the network broke the connection.
  connection_refused,  // Nothing listens there.
  address_in_use,      // Something else listens there.
  not_found,           // No such file, znode, topic or group.
  already_exists,
  not_empty,        // A directory or znode that still has children.
  session_expired,  // The ZooKeeper session is over, and its ephemeral znodes with it.
  permission_denied,
  locked,       // Another process holds the lock.
  no_space,     // The disk or a quota is full.
  io_error,     // The disk failed; what was written since the last successful sync is unknown.
  unsupported,  // Valid, but not served by this version.

  // Data.
  corrupt,          // A checksum or a structure does not hold.
  truncated,        // More bytes are needed: the input ends too early.
  invalid_argument,
  too_large,        // Over a configured bound.
  bad_version,      // A conditional write found another version.

  // Partitions.
  unknown_topic_or_partition,
  not_leader,                        // This broker does not lead the partition, or no longer.
  fenced_leader_epoch,               // The caller believes in an older leader epoch than this broker.
  unknown_leader_epoch,              // The caller believes in a newer one.
  not_enough_replicas,               // Fewer in sync than min.insync.replicas: nothing was appended.
  not_enough_replicas_after_append,  // They became too few after the append: it may survive or not.
  offset_out_of_range,
  out_of_order_sequence,
  invalid_producer_epoch,
  unknown_producer,
  duplicate_sequence,     // Older than the five batches remembered: appended once, offsets no longer known.
  invalid_record,         // Well-formed, but not allowed here.
  invalid_timestamp,
  unsupported_codec,
  record_list_too_large,  // The set is larger than a segment.
  storage_failed,         // The log directory is offline.
};

// The stable snake_case name of a code, for logs and traces.
std::string_view name_of(Errc code);

struct Error {
  Errc code;
  std::string message;

  // "corrupt: segment 0000.log: ...", for a log line.
  std::string to_string() const;
};

template <class T>
using Result = std::expected<T, Error>;

// return fail(Errc::not_found, "topic orders");
inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace barnabas

#define BARNABAS_CONCAT_(a, b) a##b
#define BARNABAS_CONCAT(a, b) BARNABAS_CONCAT_(a, b)

// B_TRY(auto x, expr): evaluates expr (a Result), returns its error from the enclosing function, else
// initialises x with its value. B_CO_TRY is the same inside a coroutine. The _VOID forms take Result<void>.
#define B_TRY_IMPL_(ret, decl, expr, tmp)                 \
  auto tmp = (expr);                                      \
  if (!tmp) ret std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define B_TRY(decl, expr) B_TRY_IMPL_(return, decl, expr, BARNABAS_CONCAT(b_try_, __LINE__))
#define B_CO_TRY(decl, expr) B_TRY_IMPL_(co_return, decl, expr, BARNABAS_CONCAT(b_try_, __LINE__))
#define B_TRY_VOID_IMPL_(ret, expr, tmp) \
  if (auto tmp = (expr); !tmp) ret std::unexpected(std::move(tmp).error())
#define B_TRY_VOID(expr) B_TRY_VOID_IMPL_(return, expr, BARNABAS_CONCAT(b_try_, __LINE__))
#define B_CO_TRY_VOID(expr) B_TRY_VOID_IMPL_(co_return, expr, BARNABAS_CONCAT(b_try_, __LINE__))
