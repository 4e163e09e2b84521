// The id and password of a broker's session, kept in its data directory: a restarted broker ends its former session
// with them, so that its ephemeral znodes are gone at once instead of after the session's timeout.
//
// Text, one `key=value` a line: version=1, session=<16 hex digits>, password=<32 hex digits>, crc=<8 hex digits,
// CRC-32C of the lines before>. It is replaced as a whole. Only the owner can read it (mode 0600), because whoever can
// read it can end the session.
#pragma once

#include <optional>
#include <string>

#include "core/env/env.hpp"
#include "core/zookeeper/session_client/session_machine.hpp"

namespace barnabas::zookeeper {

// Nothing when there is no file, or one that was torn: then the former session has to expire by itself.
Task<Result<std::optional<Credentials>>> read_session_file(env::Disk& disk, std::string path);
// Survives a power cut when this returns.
Task<Result<void>> write_session_file(env::Disk& disk, std::string path, Credentials credentials);
// Success when there is none.
Task<Result<void>> remove_session_file(env::Disk& disk, std::string path);

}  // namespace barnabas::zookeeper
