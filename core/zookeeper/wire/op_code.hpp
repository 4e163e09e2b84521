// The operations of ZooKeeper's client protocol, by their numbers on the wire (ZooKeeper 3.8, ZooDefs.OpCode).
#pragma once

#include <cstdint>
#include <string_view>

namespace barnabas::zookeeper::wire {

enum class OpCode : std::int32_t {
  close_session = -11,
  error = -1,  // In the answer to a multi only.
  create = 1,
  remove = 2,
  exists = 3,
  get_data = 4,
  set_data = 5,
  get_acl = 6,
  set_acl = 7,
  get_children = 8,
  sync = 9,
  ping = 11,
  get_children2 = 12,
  check = 13,  // Inside a multi only.
  multi = 14,
  create2 = 15,
  reconfig = 16,
  check_watches = 17,
  remove_watches = 18,
  create_container = 19,
  create_ttl = 21,
  multi_read = 22,
  auth = 100,
  set_watches = 101,
  sasl = 102,
  get_ephemerals = 103,
  get_all_children_number = 104,
  set_watches2 = 105,
  add_watch = 106,
  who_am_i = 107,
};

// Its snake_case name; "?" for a number that is none.
std::string_view name_of(OpCode op);

// The xids that are no request's number.
inline constexpr std::int32_t kNotificationXid = -1;
inline constexpr std::int32_t kPingXid = -2;
inline constexpr std::int32_t kAuthXid = -4;
inline constexpr std::int32_t kSetWatchesXid = -8;

// ConnectRequest and ConnectResponse carry a password of this size.
inline constexpr std::size_t kPasswordSize = 16;

// A frame on the wire is an int32 length and that many bytes. Largest request that Apache's server takes by default,
// and what Kafka's own client allows for an answer (jute.maxbuffer).
inline constexpr std::size_t kMaxRequestFrame = 0xfffff;
inline constexpr std::size_t kMaxReplyFrame = std::size_t{4} << 20;

}  // namespace barnabas::zookeeper::wire
