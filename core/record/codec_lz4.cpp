// LZ4 frames. A frame: magic u32 LE, FLG, BD, optional content size, header checksum (HC), blocks, end mark.
//
// HC is the second byte of xxHash32 over the descriptor (FLG to content size). In messages of magic 0 it was
// wrongly computed over the frame's magic too, and readers of magic 0 do not verify it (KAFKA-3160).
#include <lz4frame.h>

#include <array>
#include <bit>
#include <string>

#include "core/record/codecs.hpp"

namespace barnabas::record {
namespace {

constexpr std::size_t kFlagsPosition = 4;
constexpr std::size_t kPlainHeaderSize = 7;

// xxHash32 (Collet) of fewer than 16 bytes with seed 0: all that a frame's header needs.
std::uint32_t xxhash32_short(ByteView data) {
  constexpr std::uint32_t kPrime1 = 2654435761u, kPrime2 = 2246822519u, kPrime3 = 3266489917u, kPrime4 = 668265263u,
                          kPrime5 = 374761393u;
  B_CHECK_OP(data.size(), <, 16u);
  std::uint32_t hash = kPrime5 + static_cast<std::uint32_t>(data.size());
  std::size_t at = 0;
  for (; at + 4 <= data.size(); at += 4) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) word |= static_cast<std::uint32_t>(data[at + i]) << (8 * i);
    hash = std::rotl(hash + word * kPrime3, 17) * kPrime4;
  }
  for (; at < data.size(); ++at) hash = std::rotl(hash + static_cast<std::uint32_t>(data[at]) * kPrime5, 11) * kPrime1;
  hash = (hash ^ (hash >> 15)) * kPrime2;
  hash = (hash ^ (hash >> 13)) * kPrime3;
  return hash ^ (hash >> 16);
}

std::byte checksum_byte(ByteView data) { return static_cast<std::byte>(xxhash32_short(data) >> 8); }

// The frame's header with the checksum that the LZ4 library wants, as it would be in magic 1 and 2.
struct FixedHeader {
  std::array<std::byte, 19> bytes{};
  std::size_t size = 0;
};

Result<FixedHeader> fix_header(ByteView frame) {
  if (frame.size() < kPlainHeaderSize) return fail(Errc::corrupt, "lz4: the frame ends inside its header");
  const auto flags = static_cast<std::uint8_t>(frame[kFlagsPosition]);
  FixedHeader header;
  header.size = kPlainHeaderSize + ((flags & 0x08) != 0 ? 8 : 0) + ((flags & 0x01) != 0 ? 4 : 0);
  if (frame.size() < header.size) return fail(Errc::corrupt, "lz4: the frame ends inside its header");
  std::memcpy(header.bytes.data(), frame.data(), header.size);
  const ByteView descriptor = ByteView(header.bytes).subspan(kFlagsPosition, header.size - kFlagsPosition - 1);
  header.bytes[header.size - 1] = checksum_byte(descriptor);
  return header;
}

class FrameDecoder {
 public:
  FrameDecoder() { B_CHECK(LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) == 0); }
  FrameDecoder(const FrameDecoder&) = delete;
  FrameDecoder& operator=(const FrameDecoder&) = delete;
  ~FrameDecoder() { LZ4F_freeDecompressionContext(context_); }

  // Decodes input into output. True when the frame has ended.
  Result<bool> feed(ByteView input, BoundedOutput& output) {
    std::byte overflow{};
    while (true) {
      const bool spare = output.full();
      const MutableByteView room = spare ? MutableByteView(&overflow, 1) : output.room();
      std::size_t written = room.size();
      std::size_t read = input.size();
      const std::size_t hint = LZ4F_decompress(context_, room.data(), &written, input.data(), &read, nullptr);
      if (LZ4F_isError(hint) != 0) return fail(Errc::corrupt, std::string("lz4: ") + LZ4F_getErrorName(hint));
      if (spare && written > 0) return output.too_large();
      output.advance(written);
      input = input.subspan(read);
      if (hint == 0) return true;
      if (input.empty() && written < room.size()) return false;
    }
  }

 private:
  LZ4F_dctx* context_ = nullptr;
};

}  // namespace

Buffer lz4_compress(ByteView data, std::optional<int> level, Lz4Checksum checksum) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.compressionLevel = level.value_or(0);
  Buffer out = Buffer::allocate(LZ4F_compressFrameBound(data.size(), &preferences));
  const std::size_t size =
      LZ4F_compressFrame(out.mutable_view().data(), out.size(), data.data(), data.size(), &preferences);
  B_CHECK(LZ4F_isError(size) == 0);
  if (checksum == Lz4Checksum::magic0) {
    out.mutable_view()[kPlainHeaderSize - 1] = checksum_byte(out.view().first(kPlainHeaderSize - 1));
  }
  return out.slice(0, size);
}

Result<Buffer> lz4_decompress(ByteView data, std::size_t max_size, Lz4Checksum checksum) {
  FrameDecoder decoder;
  BoundedOutput output(data.size(), max_size);
  if (checksum == Lz4Checksum::magic0) {
    B_TRY(const FixedHeader header, fix_header(data));
    B_TRY(const bool ended, decoder.feed(ByteView(header.bytes).first(header.size), output));
    if (ended) return output.take();
    data = data.subspan(header.size);
  }
  B_TRY(const bool ended, decoder.feed(data, output));
  if (!ended) return fail(Errc::corrupt, "lz4: the frame ends too early");
  return output.take();
}

}  // namespace barnabas::record
