// The codecs of record batches, as Kafka's clients write them.
//
// Whole buffers in, whole buffers out, no state between calls. Input is never trusted: what a decompressor may
// produce is bounded by the caller, and a bomb stops at that bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace barnabas::record {

// The number is the one in a batch's attributes.
enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

// Errc::unsupported_codec for 5 to 7, which the three bits of the attributes can also hold.
Result<Codec> codec_from_id(int id);

// "none", "gzip", ...: the names of compression.type and of clients' configurations.
std::string_view name_of(Codec codec);
std::optional<Codec> codec_named(std::string_view name);

// No limit of Kafka's, which streams. The same as the default of socket.request.max.bytes: a batch may not
// expand to more than could have come in one uncompressed request.
inline constexpr std::size_t kMaxDecompressedSize = 100 * 1024 * 1024;

// Messages of magic 0 carry LZ4 frames whose header checksum wrongly covers the frame's magic number, because
// the first clients wrote it so (KAFKA-3160). Magic 1 and 2 follow the LZ4 frame format.
enum class Lz4Checksum : std::uint8_t { standard, magic0 };

struct CompressionOptions {
  // The codec's own scale; nothing means Kafka's default (gzip 6, lz4 fast, zstd 3). snappy has no levels.
  std::optional<int> level = {};
  Lz4Checksum lz4_checksum = Lz4Checksum::standard;
};

// gzip: one member, no name, time 0. snappy: the framing of Java's SnappyOutputStream (xerial), 32 KiB blocks.
// lz4: a frame of independent 64 KiB blocks, no content size. zstd: one frame.
// Requires data.size() < 2^31. Never fails but for want of memory. Codec::none copies.
Buffer compress(Codec codec, ByteView data, const CompressionOptions& options = {});

// Accepts all that Java's and librdkafka's codecs write: several gzip members, xerial framing or a bare snappy
// block, one LZ4 frame of any block size, several zstd frames. Bytes after the end of gzip, snappy and LZ4 data
// are ignored, as Kafka ignores them.
// Errc::corrupt: not valid in this codec, or cut short. Errc::too_large: more than max_size comes out.
Result<Buffer> decompress(Codec codec, ByteView data, std::size_t max_size = kMaxDecompressedSize,
                          Lz4Checksum lz4_checksum = Lz4Checksum::standard);

}  // namespace barnabas::record
