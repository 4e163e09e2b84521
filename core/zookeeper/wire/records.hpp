// The records of ZooKeeper's client protocol (zookeeper.jute of ZooKeeper 3.8), requests and answers alike.
//
// A request's frame is a RequestHeader and the request of its operation; an answer's is a ReplyHeader and, when err is
// 0, the response. A session begins with a ConnectRequest and a ConnectResponse without headers.
//
//   request                                  response
//   create, create_container  CreateRequest  CreateResponse (create), Create2Response (both others; create2 too)
//   create_ttl                CreateTtlRequest      Create2Response
//   remove                    DeleteRequest         nothing
//   exists                    ReadRequest           StatResponse
//   get_data                  ReadRequest           GetDataResponse
//   set_data                  SetDataRequest        StatResponse
//   get_acl                   PathRequest           GetAclResponse
//   set_acl                   SetAclRequest         StatResponse
//   get_children              ReadRequest           ChildrenResponse
//   get_children2             ReadRequest           Children2Response
//   sync                      PathRequest           SyncResponse
//   multi, multi_read         multi.hpp
//   auth                      AuthPacket            nothing
//   set_watches(2)            SetWatches(2)         nothing
//   add_watch                 AddWatchRequest       ErrorResponse
//   check/remove_watches      WatchesRequest        nothing
//   get_ephemerals            PathRequest           StringsResponse
//   get_all_children_number   PathRequest           CountResponse
//   who_am_i                  nothing               WhoAmIResponse
//   ping, close_session       nothing               nothing
#pragma once

#include <array>
#include <optional>

#include "core/zookeeper/wire/jute.hpp"
#include "core/zookeeper/wire/op_code.hpp"

namespace barnabas::zookeeper::wire {

// session 0 asks for a new one. Clients before 3.4 do not send read_only; then they want none in the answer either.
struct ConnectRequest {
  std::int32_t protocol_version = 0;
  Zxid last_zxid_seen;
  std::int32_t timeout_ms = 0;
  SessionId session;
  Data password;
  std::optional<bool> read_only;
};
void put(Writer& out, const ConnectRequest& record);
void take(Reader& in, ConnectRequest& record);

// A session of 0 says that the one asked for has expired (or that the password is wrong); the server then closes.
struct ConnectResponse {
  std::int32_t protocol_version = 0;
  std::int32_t timeout_ms = 0;
  SessionId session;
  Data password;
  std::optional<bool> read_only;
};
void put(Writer& out, const ConnectResponse& record);
void take(Reader& in, ConnectResponse& record);

struct RequestHeader {
  std::int32_t xid = 0;
  OpCode op = OpCode::ping;
  static constexpr auto kFields = std::tuple(&RequestHeader::xid, &RequestHeader::op);
};
struct ReplyHeader {
  std::int32_t xid = 0;
  Zxid zxid;
  Code err = Code::ok;
  static constexpr auto kFields = std::tuple(&ReplyHeader::xid, &ReplyHeader::zxid, &ReplyHeader::err);
};

struct PathRequest {
  std::string path;
  static constexpr auto kFields = std::tuple(&PathRequest::path);
};
struct ReadRequest {
  std::string path;
  bool watch = false;
  static constexpr auto kFields = std::tuple(&ReadRequest::path, &ReadRequest::watch);
};
// flags: 0 to 3 are a CreateMode, 4 a container, 5 and 6 persistent (sequential) with a time to live.
struct CreateRequest {
  std::string path;
  Data data;
  std::vector<Acl> acl;
  std::int32_t flags = 0;
  static constexpr auto kFields =
      std::tuple(&CreateRequest::path, &CreateRequest::data, &CreateRequest::acl, &CreateRequest::flags);
};
struct CreateTtlRequest {
  std::string path;
  Data data;
  std::vector<Acl> acl;
  std::int32_t flags = 0;
  std::int64_t ttl_ms = 0;
  static constexpr auto kFields = std::tuple(&CreateTtlRequest::path, &CreateTtlRequest::data, &CreateTtlRequest::acl,
                                             &CreateTtlRequest::flags, &CreateTtlRequest::ttl_ms);
};
struct DeleteRequest {
  std::string path;
  std::int32_t version = kAnyVersion;
  static constexpr auto kFields = std::tuple(&DeleteRequest::path, &DeleteRequest::version);
};
struct SetDataRequest {
  std::string path;
  Data data;
  std::int32_t version = kAnyVersion;
  static constexpr auto kFields = std::tuple(&SetDataRequest::path, &SetDataRequest::data, &SetDataRequest::version);
};
// version: of the ACL (Stat.aversion).
struct SetAclRequest {
  std::string path;
  std::vector<Acl> acl;
  std::int32_t version = kAnyVersion;
  static constexpr auto kFields = std::tuple(&SetAclRequest::path, &SetAclRequest::acl, &SetAclRequest::version);
};
struct CheckRequest {
  std::string path;
  std::int32_t version = kAnyVersion;
  static constexpr auto kFields = std::tuple(&CheckRequest::path, &CheckRequest::version);
};
struct AuthPacket {
  std::int32_t type = 0;
  std::string scheme;
  Data auth;
  static constexpr auto kFields = std::tuple(&AuthPacket::type, &AuthPacket::scheme, &AuthPacket::auth);
};
// relative_zxid: the last one the client has seen. What changed after it is told as events; the rest is armed.
struct SetWatches {
  Zxid relative_zxid;
  std::vector<std::string> data;
  std::vector<std::string> exist;
  std::vector<std::string> child;
  static constexpr auto kFields =
      std::tuple(&SetWatches::relative_zxid, &SetWatches::data, &SetWatches::exist, &SetWatches::child);
};
struct SetWatches2 {
  Zxid relative_zxid;
  std::vector<std::string> data;
  std::vector<std::string> exist;
  std::vector<std::string> child;
  std::vector<std::string> persistent;
  std::vector<std::string> persistent_recursive;
  static constexpr auto kFields =
      std::tuple(&SetWatches2::relative_zxid, &SetWatches2::data, &SetWatches2::exist, &SetWatches2::child,
                 &SetWatches2::persistent, &SetWatches2::persistent_recursive);
};
enum class AddWatchMode : std::int32_t { persistent = 0, persistent_recursive = 1 };
struct AddWatchRequest {
  std::string path;
  AddWatchMode mode = AddWatchMode::persistent;
  static constexpr auto kFields = std::tuple(&AddWatchRequest::path, &AddWatchRequest::mode);
};
// Which watches check_watches and remove_watches mean. Data are those of get_data and exists.
enum class WatcherType : std::int32_t { children = 1, data = 2, any = 3, persistent = 4, persistent_recursive = 5 };
struct WatchesRequest {
  std::string path;
  WatcherType type = WatcherType::any;
  static constexpr auto kFields = std::tuple(&WatchesRequest::path, &WatchesRequest::type);
};

struct CreateResponse {
  std::string path;
  static constexpr auto kFields = std::tuple(&CreateResponse::path);
};
struct Create2Response {
  std::string path;
  Stat stat;
  static constexpr auto kFields = std::tuple(&Create2Response::path, &Create2Response::stat);
};
struct StatResponse {
  Stat stat;
  static constexpr auto kFields = std::tuple(&StatResponse::stat);
};
struct GetDataResponse {
  Data data;
  Stat stat;
  static constexpr auto kFields = std::tuple(&GetDataResponse::data, &GetDataResponse::stat);
};
struct GetAclResponse {
  std::vector<Acl> acl;
  Stat stat;
  static constexpr auto kFields = std::tuple(&GetAclResponse::acl, &GetAclResponse::stat);
};
struct ChildrenResponse {
  std::vector<std::string> children;
  static constexpr auto kFields = std::tuple(&ChildrenResponse::children);
};
struct Children2Response {
  std::vector<std::string> children;
  Stat stat;
  static constexpr auto kFields = std::tuple(&Children2Response::children, &Children2Response::stat);
};
struct SyncResponse {
  std::string path;
  static constexpr auto kFields = std::tuple(&SyncResponse::path);
};
struct StringsResponse {
  std::vector<std::string> strings;
  static constexpr auto kFields = std::tuple(&StringsResponse::strings);
};
struct CountResponse {
  std::int32_t count = 0;
  static constexpr auto kFields = std::tuple(&CountResponse::count);
};
struct ErrorResponse {
  Code err = Code::ok;
  static constexpr auto kFields = std::tuple(&ErrorResponse::err);
};
struct ClientInfo {
  std::string scheme;
  std::string user;
  static constexpr auto kFields = std::tuple(&ClientInfo::scheme, &ClientInfo::user);
};
struct WhoAmIResponse {
  std::vector<ClientInfo> clients;
  static constexpr auto kFields = std::tuple(&WhoAmIResponse::clients);
};

// Comes with a ReplyHeader of xid kNotificationXid and zxid -1.
enum class EventType : std::int32_t {
  none = -1,
  created = 1,
  deleted = 2,
  data_changed = 3,
  children_changed = 4,
  data_watch_removed = 5,
  child_watch_removed = 6,
  persistent_watch_removed = 7,
};
inline constexpr std::int32_t kSyncConnected = 3;
struct WatcherEvent {
  EventType type = EventType::none;
  std::int32_t state = kSyncConnected;
  std::string path;
  static constexpr auto kFields = std::tuple(&WatcherEvent::type, &WatcherEvent::state, &WatcherEvent::path);
};

}  // namespace barnabas::zookeeper::wire
