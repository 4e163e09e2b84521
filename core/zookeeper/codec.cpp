#include "core/zookeeper/codec.hpp"

#include <algorithm>

namespace barnabas::zookeeper {

namespace {

enum class ChangeKind : std::int8_t { create = 1, set = 2, remove = 3, set_acl = 4 };

void encode_change(Writer& writer, const CreateChange& change) {
  writer.i8(static_cast<std::int8_t>(ChangeKind::create));
  write_string(writer, change.path);
  write_data(writer, change.data);
  writer.i64(change.ephemeral_owner.value());
  write_acl(writer, change.acl);
}
void encode_change(Writer& writer, const SetChange& change) {
  writer.i8(static_cast<std::int8_t>(ChangeKind::set));
  write_string(writer, change.path);
  write_data(writer, change.data);
}
void encode_change(Writer& writer, const RemoveChange& change) {
  writer.i8(static_cast<std::int8_t>(ChangeKind::remove));
  write_string(writer, change.path);
}
void encode_change(Writer& writer, const SetAclChange& change) {
  writer.i8(static_cast<std::int8_t>(ChangeKind::set_acl));
  write_string(writer, change.path);
  write_acl(writer, change.acl);
}

Change decode_change(Reader& reader) {
  switch (static_cast<ChangeKind>(reader.i8())) {
    case ChangeKind::create: {
      CreateChange change;
      change.path = read_string(reader);
      change.data = read_data(reader);
      change.ephemeral_owner = SessionId(reader.i64());
      change.acl = read_acl(reader);
      return change;
    }
    case ChangeKind::set: {
      SetChange change;
      change.path = read_string(reader);
      change.data = read_data(reader);
      return change;
    }
    case ChangeKind::remove: return RemoveChange{read_string(reader)};
    case ChangeKind::set_acl: {
      SetAclChange change;
      change.path = read_string(reader);
      change.acl = read_acl(reader);
      return change;
    }
  }
  reader.set_failed();
  return RemoveChange{};
}

}  // namespace

void write_string(Writer& writer, std::string_view text) {
  writer.i32(static_cast<std::int32_t>(text.size()));
  writer.bytes(as_bytes(text));
}

void write_data(Writer& writer, const Data& data) {
  if (!data) return writer.i32(-1);
  writer.i32(static_cast<std::int32_t>(data->size()));
  writer.bytes(data->view());
}

void write_acl(Writer& writer, const AclList& acl) {
  if (acl == nullptr) return writer.i32(-1);
  writer.i32(static_cast<std::int32_t>(acl->size()));
  for (const Acl& entry : *acl) {
    writer.i32(entry.perms);
    write_string(writer, entry.scheme);
    write_string(writer, entry.id);
  }
}

std::string read_string(Reader& reader) {
  const std::int32_t size = reader.i32();
  return std::string(as_text(reader.bytes(size)));
}

Data read_data(Reader& reader) {
  const std::int32_t size = reader.i32();
  if (size == -1) return std::nullopt;
  return Buffer::copy_of(reader.bytes(size));
}

Password read_password(Reader& reader) {
  Password password{};
  const ByteView bytes = reader.bytes(static_cast<std::int64_t>(password.size()));
  std::ranges::copy(bytes, password.begin());
  return password;
}

AclList read_acl(Reader& reader) {
  const std::int32_t count = reader.i32();
  if (count == -1) return nullptr;
  if (count < 0) reader.set_failed();
  std::vector<Acl> entries;
  for (std::int32_t i = 0; i < count && reader.ok(); ++i) {
    Acl& entry = entries.emplace_back();
    entry.perms = reader.i32();
    entry.scheme = read_string(reader);
    entry.id = read_string(reader);
  }
  return std::make_shared<const std::vector<Acl>>(std::move(entries));
}

void encode(Writer& writer, const Transaction& transaction) {
  writer.i64(transaction.zxid.value());
  writer.i64(transaction.time.value());
  writer.i64(transaction.session.value());
  writer.i8(static_cast<std::int8_t>(transaction.kind));
  writer.i32(transaction.timeout_ms);
  if (transaction.kind == Transaction::Kind::open_session) writer.bytes(transaction.password);
  writer.i32(static_cast<std::int32_t>(transaction.changes.size()));
  for (const Change& change : transaction.changes) {
    std::visit([&](const auto& any) { encode_change(writer, any); }, change);
  }
}

Result<Transaction> decode_transaction(ByteView bytes) {
  Reader reader(bytes);
  Transaction transaction;
  transaction.zxid = Zxid(reader.i64());
  transaction.time = Timestamp(reader.i64());
  transaction.session = SessionId(reader.i64());
  const std::int8_t kind = reader.i8();
  if (kind < 0 || kind > static_cast<std::int8_t>(Transaction::Kind::close_session)) reader.set_failed();
  transaction.kind = static_cast<Transaction::Kind>(kind);
  transaction.timeout_ms = reader.i32();
  if (transaction.kind == Transaction::Kind::open_session) transaction.password = read_password(reader);
  // The count is not trusted for an allocation: the loop ends with the bytes.
  const std::int32_t count = reader.i32();
  for (std::int32_t i = 0; i < count && reader.ok(); ++i) transaction.changes.push_back(decode_change(reader));
  if (!reader.ok() || count < 0 || !reader.at_end()) {
    return fail(Errc::corrupt, "the bytes are no ZooKeeper transaction");
  }
  return transaction;
}

}  // namespace barnabas::zookeeper
