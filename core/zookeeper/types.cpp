#include "core/zookeeper/types.hpp"

namespace barnabas::zookeeper {

Errc to_errc(Code code) {
  switch (code) {
    case Code::ok: break;
    case Code::runtime_inconsistency: return Errc::invalid_argument;
    case Code::marshalling_error: return Errc::too_large;
    case Code::unimplemented: return Errc::unsupported;
    case Code::bad_arguments: return Errc::invalid_argument;
    case Code::no_node: return Errc::not_found;
    case Code::no_auth: return Errc::permission_denied;
    case Code::bad_version: return Errc::bad_version;
    case Code::no_children_for_ephemerals: return Errc::invalid_argument;
    case Code::node_exists: return Errc::already_exists;
    case Code::not_empty: return Errc::not_empty;
    case Code::session_expired: return Errc::session_expired;
  }
  check_failed(__FILE__, __LINE__, "a code that is no refusal", std::to_string(static_cast<int>(code)));
}

std::string_view name_of(Code code) {
  switch (code) {
    case Code::ok: return "ok";
    case Code::runtime_inconsistency: return "runtime_inconsistency";
    case Code::marshalling_error: return "marshalling_error";
    case Code::unimplemented: return "unimplemented";
    case Code::bad_arguments: return "bad_arguments";
    case Code::no_node: return "no_node";
    case Code::no_auth: return "no_auth";
    case Code::bad_version: return "bad_version";
    case Code::no_children_for_ephemerals: return "no_children_for_ephemerals";
    case Code::node_exists: return "node_exists";
    case Code::not_empty: return "not_empty";
    case Code::session_expired: return "session_expired";
  }
  return "?";
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
