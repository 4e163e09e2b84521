// The calls of a SessionClient: paths, records, and what the codes mean.
#include <algorithm>

#include "core/zookeeper/path.hpp"
#include "core/zookeeper/session_client/session_client.hpp"
#include "core/zookeeper/wire/multi.hpp"

namespace barnabas::zookeeper {

namespace {

// A sequential path is a prefix: "/a/" is one.
Result<void> check_path(const std::string& path, bool is_prefix) {
  if (is_valid_path(is_prefix ? path + "0" : path)) return {};
  return fail(Errc::invalid_argument, "\"" + path + "\" is no path of a znode");
}

Result<void> check_path(const Op& op) {
  const auto* create = std::get_if<CreateOp>(&op);
  return check_path(path_of(op), create != nullptr && is_sequential(create->mode));
}

template <class Record>
std::vector<std::byte> encoded(const Record& record) {
  Writer out;
  wire::put(out, record);
  return std::move(out).take();
}

Result<void> check(const Reply& reply, const std::string& path) {
  if (reply.code == Code::ok) return {};
  const auto number = std::to_string(static_cast<std::int32_t>(reply.code));
  return fail(to_errc(reply.code),
              "ZooKeeper refused " + path + ": " + std::string(name_of(reply.code)) + " (" + number + ")");
}

// An answer that cannot be read says nothing of what was done.
template <class Record>
Result<Record> decoded(const Reply& reply, const std::string& path) {
  B_TRY_VOID(check(reply, path));
  Reader in(reply.body.view());
  Result<Record> record = wire::take_record<Record>(in);
  if (!record) return fail(Errc::closed, "ZooKeeper's answer for " + path + " cannot be read");
  return record;
}

}  // namespace

std::string SessionClient::server_path(const std::string& path) const {
  if (chroot_.empty()) return path;
  return path == "/" ? chroot_ : chroot_ + path;
}

std::string SessionClient::client_path(std::string path) const {
  if (chroot_.empty() || !path.starts_with(chroot_)) return path;
  path.erase(0, chroot_.size());
  return path.empty() ? "/" : path;
}

Task<Result<std::string>> SessionClient::create(std::string path, Data data, CreateMode mode) {
  return create_with_acl(std::move(path), std::move(data), mode, nullptr);
}

Task<Result<std::string>> SessionClient::create_with_acl(std::string path, Data data, CreateMode mode, AclList acl) {
  B_CO_TRY_VOID(check_path(path, is_sequential(mode)));
  wire::CreateRequest request{server_path(path), std::move(data), to_vector(acl), static_cast<std::int32_t>(mode)};
  std::vector<std::byte> record = encoded(request);
  B_CO_TRY(const Reply reply, co_await call(wire::OpCode::create, std::move(record)));
  B_CO_TRY(auto response, decoded<wire::CreateResponse>(reply, path));
  co_return client_path(std::move(response.path));
}

Task<Result<NodeData>> SessionClient::get(std::string path, WatchPtr watch) {
  B_CO_TRY_VOID(check_path(path, false));
  std::string there = server_path(path);
  B_CO_TRY(const Reply reply, co_await read(wire::OpCode::get_data, std::move(there), std::move(watch)));
  B_CO_TRY(auto response, decoded<wire::GetDataResponse>(reply, path));
  NodeData node;
  node.data = std::move(response.data);
  node.stat = response.stat;
  co_return node;
}

Task<Result<std::optional<Stat>>> SessionClient::exists(std::string path, WatchPtr watch) {
  B_CO_TRY_VOID(check_path(path, false));
  std::string there = server_path(path);
  B_CO_TRY(const Reply reply, co_await read(wire::OpCode::exists, std::move(there), std::move(watch)));
  if (reply.code == Code::no_node) co_return std::optional<Stat>();
  B_CO_TRY(const auto response, decoded<wire::StatResponse>(reply, path));
  co_return std::optional<Stat>(response.stat);
}

Task<Result<Children>> SessionClient::children(std::string path, WatchPtr watch) {
  B_CO_TRY_VOID(check_path(path, false));
  std::string there = server_path(path);
  B_CO_TRY(const Reply reply, co_await read(wire::OpCode::get_children2, std::move(there), std::move(watch)));
  B_CO_TRY(auto response, decoded<wire::Children2Response>(reply, path));
  Children children;
  children.names = std::move(response.children);
  children.stat = response.stat;
  std::ranges::sort(children.names);
  co_return children;
}

Task<Result<Stat>> SessionClient::set(std::string path, Data data, std::int32_t expected_version) {
  B_CO_TRY_VOID(check_path(path, false));
  wire::SetDataRequest request{server_path(path), std::move(data), expected_version};
  std::vector<std::byte> record = encoded(request);
  B_CO_TRY(const Reply reply, co_await call(wire::OpCode::set_data, std::move(record)));
  B_CO_TRY(const auto response, decoded<wire::StatResponse>(reply, path));
  co_return response.stat;
}

Task<Result<void>> SessionClient::remove(std::string path, std::int32_t expected_version) {
  B_CO_TRY_VOID(check_path(path, false));
  wire::DeleteRequest request{server_path(path), expected_version};
  std::vector<std::byte> record = encoded(request);
  B_CO_TRY(const Reply reply, co_await call(wire::OpCode::remove, std::move(record)));
  co_return check(reply, path);
}

Task<Result<void>> SessionClient::sync(std::string path) {
  B_CO_TRY_VOID(check_path(path, false));
  wire::PathRequest request{server_path(path)};
  std::vector<std::byte> record = encoded(request);
  B_CO_TRY(const Reply reply, co_await call(wire::OpCode::sync, std::move(record)));
  co_return check(reply, path);
}

Task<Result<AclList>> SessionClient::get_acl(std::string path) {
  B_CO_TRY_VOID(check_path(path, false));
  wire::PathRequest request{server_path(path)};
  std::vector<std::byte> record = encoded(request);
  B_CO_TRY(const Reply reply, co_await call(wire::OpCode::get_acl, std::move(record)));
  B_CO_TRY(auto response, decoded<wire::GetAclResponse>(reply, path));
  co_return to_list(std::move(response.acl));
}

Task<Result<Stat>> SessionClient::set_acl(std::string path, AclList acl, std::int32_t expected_version) {
  B_CO_TRY_VOID(check_path(path, false));
  wire::SetAclRequest request{server_path(path), to_vector(acl), expected_version};
  std::vector<std::byte> record = encoded(request);
  B_CO_TRY(const Reply reply, co_await call(wire::OpCode::set_acl, std::move(record)));
  B_CO_TRY(const auto response, decoded<wire::StatResponse>(reply, path));
  co_return response.stat;
}

namespace {

// Nothing for what cannot be part of a multi.
std::optional<wire::MultiOp> to_wire(const Op& op, std::string path) {
  if (const auto* create = std::get_if<CreateOp>(&op)) {
    return wire::MultiOp{wire::OpCode::create,
                         wire::CreateRequest{std::move(path), create->data, to_vector(create->acl),
                                             static_cast<std::int32_t>(create->mode)}};
  }
  if (const auto* set = std::get_if<SetOp>(&op)) {
    return wire::MultiOp{wire::OpCode::set_data, wire::SetDataRequest{std::move(path), set->data, set->version}};
  }
  if (const auto* remove = std::get_if<RemoveOp>(&op)) {
    return wire::MultiOp{wire::OpCode::remove, wire::DeleteRequest{std::move(path), remove->version}};
  }
  if (const auto* check = std::get_if<CheckOp>(&op)) {
    return wire::MultiOp{wire::OpCode::check, wire::CheckRequest{std::move(path), check->version}};
  }
  return std::nullopt;
}

}  // namespace

Task<Result<MultiResult>> SessionClient::multi(std::vector<Op> operations) {
  wire::MultiRequest request;
  for (const Op& op : operations) {
    B_CO_TRY_VOID(check_path(op));
    auto one = to_wire(op, server_path(path_of(op)));
    if (!one) co_return fail(Errc::invalid_argument, path_of(op) + ": an operation that cannot be part of a multi");
    request.ops.push_back(std::move(*one));
  }
  if (operations.empty()) co_return MultiResult{};
  std::vector<std::byte> record = encoded(request);
  B_CO_TRY(const Reply reply, co_await call(wire::OpCode::multi, std::move(record)));
  B_CO_TRY(const auto response, decoded<wire::MultiResponse>(reply, path_of(operations.front())));
  if (response.results.size() != operations.size()) {
    co_return fail(Errc::closed, "ZooKeeper answered " + std::to_string(response.results.size()) + " of " +
                                     std::to_string(operations.size()) + " operations");
  }
  co_return to_result(operations, response);
}

MultiResult SessionClient::to_result(const std::vector<Op>& operations, const wire::MultiResponse& response) const {
  MultiResult result;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    OpResult& one = result.results.emplace_back();
    one.path = path_of(operations[i]);
    const auto& body = response.results[i].body;
    if (const auto* error = std::get_if<wire::ErrorResponse>(&body)) one.code = error->err;
    if (const auto* create = std::get_if<wire::CreateResponse>(&body)) one.path = client_path(create->path);
    if (const auto* stat = std::get_if<wire::StatResponse>(&body)) one.stat = stat->stat;
  }
  return result;
}

}  // namespace barnabas::zookeeper
