// Conversion between record batches of magic 2 and the message sets of magic 0 and 1 (KIP-31, KIP-32, KIP-98).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/record/batch_builder.hpp"

namespace barnabas::record {

// One batch of magic 2 from a whole message set of magic 0 or 1, compressed with options.codec; the other fields
// of options go into its header. Offsets are numbered anew from options.base_offset. Each message's CRC is
// verified. Errc::corrupt, Errc::truncated, Errc::invalid_record, Errc::too_large.
Result<Buffer> up_convert(ByteView messages, const BatchOptions& options,
                          std::size_t max_decompressed = kMaxDecompressedSize);

// What an old consumer gets: messages of to_magic (0 or 1) from whole batches of magic 2.
//
// Headers and control batches are dropped; offsets stay, so that they may have gaps. Of uncompressed batches the
// records before from are left out; a compressed batch is converted whole, with the same codec, and the consumer
// skips, as with Kafka. A log-append time becomes that type in magic 1 and is lost in magic 0. Trailing bytes that
// are not a whole batch are left out. Batches of magic to_magic or lower stay as they are.
// At least one batch is converted; then conversion stops where the result would exceed max_size.
// Errc::unsupported_codec: a zstd batch, which old clients cannot read. Errc::corrupt.
Result<Buffer> down_convert(ByteView batches, std::int8_t to_magic, Offset from, std::size_t max_size = SIZE_MAX,
                            std::size_t max_decompressed = kMaxDecompressedSize);

}  // namespace barnabas::record
