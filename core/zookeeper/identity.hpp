// Who somebody is to ZooKeeper's ACLs: the schemes world, digest and ip.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/zookeeper/types.hpp"

namespace barnabas::zookeeper {

// "user:base64(sha1(user:password))" of "user:password": the id in the scheme digest. Nothing when there is no colon.
std::optional<std::string> digest_identity(std::string_view user_and_password);

// Whether an identity of the same scheme is the one that an entry means.
bool identity_matches(const Identity& identity, const Acl& entry);

// Checks an ACL that a client sends, and puts the identities in the place of the scheme "auth". Nothing for one that
// is not valid: empty, of an unknown scheme, with an id that its scheme does not have, or "auth" of nobody.
std::optional<AclList> resolve_acl(const std::vector<Acl>& asked, const std::vector<Identity>& identities);

// A list as others than its administrators see it: without the hashes of passwords.
std::vector<Acl> without_secrets(std::vector<Acl> acls);

}  // namespace barnabas::zookeeper
