#include "core/zookeeper/types.hpp"

namespace barnabas::zookeeper {

Errc to_errc(Code code) {
  switch (code) {
    case Code::ok: break;
    case Code::system_error: return Errc::no_space;
    case Code::runtime_inconsistency: return Errc::invalid_argument;
    case Code::connection_loss: return Errc::closed;
    case Code::marshalling_error: return Errc::too_large;
    case Code::unimplemented: return Errc::unsupported;
    case Code::operation_timeout: return Errc::closed;
    case Code::bad_arguments: return Errc::invalid_argument;
    case Code::api_error: return Errc::invalid_argument;
    case Code::no_node: return Errc::not_found;
    case Code::no_auth: return Errc::permission_denied;
    case Code::bad_version: return Errc::bad_version;
    case Code::no_children_for_ephemerals: return Errc::invalid_argument;
    case Code::node_exists: return Errc::already_exists;
    case Code::not_empty: return Errc::not_empty;
    case Code::session_expired: return Errc::session_expired;
    case Code::invalid_acl: return Errc::invalid_argument;
    case Code::auth_failed: return Errc::permission_denied;
    case Code::session_moved: return Errc::closed;
    case Code::not_read_only: return Errc::closed;
    case Code::no_watcher: return Errc::not_found;
    case Code::request_timeout: return Errc::closed;
    case Code::reconfig_disabled: return Errc::unsupported;
    case Code::session_closed_require_sasl: return Errc::permission_denied;
    case Code::quota_exceeded: return Errc::no_space;
    case Code::throttled: return Errc::closed;
  }
  B_CHECK(code != Code::ok);
  return Errc::unsupported;
}

std::string_view name_of(Code code) {
  switch (code) {
    case Code::ok: return "ok";
    case Code::system_error: return "system_error";
    case Code::runtime_inconsistency: return "runtime_inconsistency";
    case Code::connection_loss: return "connection_loss";
    case Code::marshalling_error: return "marshalling_error";
    case Code::unimplemented: return "unimplemented";
    case Code::operation_timeout: return "operation_timeout";
    case Code::bad_arguments: return "bad_arguments";
    case Code::api_error: return "api_error";
    case Code::no_node: return "no_node";
    case Code::no_auth: return "no_auth";
    case Code::bad_version: return "bad_version";
    case Code::no_children_for_ephemerals: return "no_children_for_ephemerals";
    case Code::node_exists: return "node_exists";
    case Code::not_empty: return "not_empty";
    case Code::session_expired: return "session_expired";
    case Code::invalid_acl: return "invalid_acl";
    case Code::auth_failed: return "auth_failed";
    case Code::session_moved: return "session_moved";
    case Code::not_read_only: return "not_read_only";
    case Code::no_watcher: return "no_watcher";
    case Code::request_timeout: return "request_timeout";
    case Code::reconfig_disabled: return "reconfig_disabled";
    case Code::session_closed_require_sasl: return "session_closed_require_sasl";
    case Code::quota_exceeded: return "quota_exceeded";
    case Code::throttled: return "throttled";
  }
  return "?";
}

std::vector<Acl> to_vector(const AclList& list) {
  if (list) return *list;
  return {{static_cast<std::int32_t>(Perm::all), "world", "anyone"}};
}

AclList to_list(std::vector<Acl> acls) {
  if (acls == to_vector(nullptr)) return nullptr;
  return std::make_shared<const std::vector<Acl>>(std::move(acls));
}

const std::string& path_of(const Op& op) {
  return std::visit([](const auto& any) -> const std::string& { return any.path; }, op);
}

std::optional<std::size_t> MultiResult::failed() const {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].code != Code::ok) return i;
  }
  return std::nullopt;
}

Result<void> MultiResult::outcome() const {
  const auto index = failed();
  if (!index) return {};
  const OpResult& result = results[*index];
  return fail(to_errc(result.code), "ZooKeeper refused " + result.path + ": " + std::string(name_of(result.code)));
}

}  // namespace barnabas::zookeeper
