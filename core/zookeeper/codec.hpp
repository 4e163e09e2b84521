// Bytes of a transaction, and the pieces that journal records and snapshots share. Described in FORMAT.md.
#pragma once

#include <string>
#include <string_view>

#include "core/base/reader.hpp"
#include "core/base/result.hpp"
#include "core/base/writer.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {

void write_string(Writer& writer, std::string_view text);
void write_data(Writer& writer, const Data& data);
void write_acl(Writer& writer, const AclList& acl);
// Fail the reader when the length is negative or more than what is left.
std::string read_string(Reader& reader);
// The data is copied out of the input.
Data read_data(Reader& reader);
AclList read_acl(Reader& reader);
Password read_password(Reader& reader);

void encode(Writer& writer, const Transaction& transaction);
// corrupt: not a whole transaction, or bytes after it.
Result<Transaction> decode_transaction(ByteView bytes);

}  // namespace barnabas::zookeeper
