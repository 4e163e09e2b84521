// State records to the bytes of __consumer_offsets and back, exactly as Kafka writes them: a Java broker may take
// the partition over at any time.
//
// Written: OffsetCommitKey v1 with value v3 (v1 when the client asked for a retention), GroupMetadataKey v2 with
// value v3. Read: every version that Kafka ever wrote.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/coordinator/group/state_record.hpp"

namespace barnabas::coordinator::group {

struct EncodedRecord {
  Buffer key;
  std::optional<Buffer> value;  // None: a tombstone.

  std::size_t size() const { return key.size() + (value ? value->size() : 0); }
};

EncodedRecord encode(const StateRecord& record);

// Owns what it returns. Nothing for a kind of key that is not served here (KIP-848's, or one from the future).
// corrupt or truncated: not what it says it is; unsupported: a value version that is too new to be understood.
Result<std::optional<StateRecord>> decode(ByteView key, std::optional<ByteView> value);

}  // namespace barnabas::coordinator::group
