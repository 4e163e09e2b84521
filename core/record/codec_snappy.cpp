// Snappy in the framing of snappy-java's SnappyOutputStream ("xerial"), which Java clients write: a header of
// 0x82 "SNAPPY" 0x00, version i32 and least compatible version i32, then blocks, each with its i32 size before it.
// Other clients write one bare block.
#include <snappy.h>

#include <string>

#include "core/base/reader.hpp"
#include "core/base/writer.hpp"
#include "core/record/codecs.hpp"

namespace barnabas::record {
namespace {

constexpr std::string_view kMagic("\x82SNAPPY\0", 8);
constexpr std::int32_t kMagicAsSize = static_cast<std::int32_t>(0x82534e41);  // Where a block's size would be.
constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kBlockSize = 32 * 1024;
// A copy of three bytes yields 64; no element yields more for its size.
constexpr std::size_t kMostExpansion = 64;

const char* chars(ByteView data) { return reinterpret_cast<const char*>(data.data()); }

// The uncompressed size of a bare block, if it can be.
Result<std::size_t> block_size(ByteView block, std::size_t max_size) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(chars(block), block.size(), &size) || size > block.size() * kMostExpansion) {
    return fail(Errc::corrupt, "snappy: a block's size cannot be");
  }
  if (size > max_size) {
    return fail(Errc::too_large, "records decompress to more than " + std::to_string(max_size) + " bytes");
  }
  return size;
}

Result<void> decompress_block(ByteView block, MutableByteView out) {
  if (!snappy::RawUncompress(chars(block), block.size(), reinterpret_cast<char*>(out.data()))) {
    return fail(Errc::corrupt, "snappy: a block is malformed");
  }
  return {};
}

// Calls f(block) for each framed block. Fewer than four bytes at the end are ignored, as snappy-java does.
template <class F>
Result<void> for_each_block(ByteView data, F&& f) {
  Reader reader(data);
  reader.skip(kHeaderSize);
  while (reader.remaining() >= sizeof(std::int32_t)) {
    const std::int32_t size = reader.i32();
    if (size == kMagicAsSize) {  // Another stream follows the first.
      reader.skip(static_cast<std::int64_t>(kHeaderSize - sizeof(std::int32_t)));
      if (!reader.ok()) return fail(Errc::corrupt, "snappy: a stream's header ends too early");
      continue;
    }
    const ByteView block = reader.bytes(size);
    if (!reader.ok()) return fail(Errc::corrupt, "snappy: a block ends too early");
    B_TRY_VOID(f(block));
  }
  return {};
}

}  // namespace

Buffer snappy_compress(ByteView data) {
  std::string block;
  Writer out(kHeaderSize + data.size() / 2);
  out.bytes(as_bytes(kMagic));
  out.i32(1);
  out.i32(1);
  for (std::size_t at = 0; at < data.size(); at += kBlockSize) {
    const ByteView part = data.subspan(at, std::min(kBlockSize, data.size() - at));
    snappy::Compress(chars(part), part.size(), &block);
    out.i32(static_cast<std::int32_t>(block.size()));
    out.bytes(as_bytes(block));
  }
  return out.to_buffer();
}

Result<Buffer> snappy_decompress(ByteView data, std::size_t max_size) {
  if (data.size() < kHeaderSize || !as_text(data).starts_with(kMagic)) {
    B_TRY(const std::size_t size, block_size(data, max_size));
    Buffer out = Buffer::allocate(size);
    B_TRY_VOID(decompress_block(data, out.mutable_view()));
    return out;
  }
  std::size_t total = 0;
  B_TRY_VOID(for_each_block(data, [&](ByteView block) -> Result<void> {
    B_TRY(const std::size_t size, block_size(block, max_size - total));
    total += size;
    return {};
  }));
  Buffer out = Buffer::allocate(total);
  std::size_t at = 0;
  B_TRY_VOID(for_each_block(data, [&](ByteView block) -> Result<void> {
    B_TRY(const std::size_t size, block_size(block, total - at));
    B_TRY_VOID(decompress_block(block, out.mutable_view().subspan(at, size)));
    at += size;
    return {};
  }));
  return out;
}

}  // namespace barnabas::record
