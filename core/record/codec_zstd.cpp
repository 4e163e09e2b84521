#include <zstd.h>

#include <memory>
#include <string>

#include "core/record/codecs.hpp"

namespace barnabas::record {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::unexpected<Error> zstd_failure(std::size_t code) {
  return fail(Errc::corrupt, std::string("zstd: ") + ZSTD_getErrorName(code));
}

// A frame that states its size, alone in data: one pass into memory of that size.
Result<Buffer> decompress_known(ByteView data, std::size_t size) {
  Buffer out = Buffer::allocate(size);
  const std::size_t got = ZSTD_decompress(out.mutable_view().data(), out.size(), data.data(), data.size());
  if (ZSTD_isError(got) != 0) return zstd_failure(got);
  return out.slice(0, got);
}

// The library refuses windows over 128 MiB, which bounds its own memory.
Result<Buffer> decompress_stream(ByteView data, std::size_t max_size) {
  const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  B_CHECK(context != nullptr);
  BoundedOutput output(data.size(), max_size);
  ZSTD_inBuffer input{data.data(), data.size(), 0};
  std::byte overflow{};
  for (;;) {
    const bool spare = output.full();
    const MutableByteView room = spare ? MutableByteView(&overflow, 1) : output.room();
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(context.get(), &out, &input);
    if (ZSTD_isError(hint) != 0) return zstd_failure(hint);
    if (spare && out.pos > 0) return output.too_large();
    output.advance(out.pos);
    if (input.pos < input.size) continue;
    if (hint == 0) return output.take();
    if (out.pos < out.size) return fail(Errc::corrupt, "zstd: the frame ends too early");
  }
}

}  // namespace

Buffer zstd_compress(ByteView data, std::optional<int> level) {
  Buffer out = Buffer::allocate(ZSTD_compressBound(data.size()));
  const std::size_t size = ZSTD_compress(out.mutable_view().data(), out.size(), data.data(), data.size(),
                                         level.value_or(ZSTD_CLEVEL_DEFAULT));
  B_CHECK(ZSTD_isError(size) == 0);
  return out.slice(0, size);
}

Result<Buffer> zstd_decompress(ByteView data, std::size_t max_size) {
  if (data.empty()) return fail(Errc::corrupt, "zstd: no frame");
  const unsigned long long size = ZSTD_getFrameContentSize(data.data(), data.size());
  const std::size_t frame = ZSTD_findFrameCompressedSize(data.data(), data.size());
  const bool known = size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR;
  if (known && ZSTD_isError(frame) == 0 && frame == data.size()) {
    if (size > max_size) {
      return fail(Errc::too_large, "records decompress to more than " + std::to_string(max_size) + " bytes");
    }
    return decompress_known(data, static_cast<std::size_t>(size));
  }
  return decompress_stream(data, max_size);
}

}  // namespace barnabas::record
