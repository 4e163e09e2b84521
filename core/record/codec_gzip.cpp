#include <zlib.h>

#include <string>

#include "core/record/codecs.hpp"

namespace barnabas::record {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB window, gzip wrapper.

// zlib's input pointer is not const, but it does not write through it.
Bytef* input_pointer(const std::byte* data) { return reinterpret_cast<Bytef*>(const_cast<std::byte*>(data)); }

bool starts_member(const z_stream& stream) {
  return stream.avail_in >= 2 && stream.next_in[0] == 0x1f && stream.next_in[1] == 0x8b;
}

// Inflates until the last member ends. The input is known to be shorter than 4 GiB.
Result<Buffer> inflate_members(z_stream& stream, BoundedOutput output) {
  std::byte overflow{};
  for (;;) {
    const bool spare = output.full();
    const MutableByteView room = spare ? MutableByteView(&overflow, 1) : output.room();
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t wrote = room.size() - stream.avail_out;
    if (spare && wrote > 0) return output.too_large();
    output.advance(wrote);
    if (status == Z_STREAM_END) {
      if (!starts_member(stream)) return output.take();
      inflateReset(&stream);
    } else if (status != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
      const std::string why = stream.msg != nullptr ? stream.msg : "the data ends too early";
      return fail(Errc::corrupt, "gzip: " + why);
    }
  }
}

}  // namespace

Buffer gzip_compress(ByteView data, std::optional<int> level) {
  z_stream stream{};
  const int wanted = level.value_or(Z_DEFAULT_COMPRESSION);
  B_CHECK(deflateInit2(&stream, wanted, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Buffer out = Buffer::allocate(deflateBound(&stream, data.size()));
  stream.next_in = input_pointer(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.mutable_view().data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  const std::size_t size = out.size() - stream.avail_out;
  deflateEnd(&stream);
  B_CHECK_OP(status, ==, Z_STREAM_END);
  return out.slice(0, size);
}

Result<Buffer> gzip_decompress(ByteView data, std::size_t max_size) {
  z_stream stream{};
  B_CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK);
  stream.next_in = input_pointer(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  Result<Buffer> result = inflate_members(stream, BoundedOutput(data.size(), max_size));
  inflateEnd(&stream);
  return result;
}

}  // namespace barnabas::record
