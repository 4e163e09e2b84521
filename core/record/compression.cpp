#include "core/record/compression.hpp"

#include <limits>
#include <string>

#include "core/record/codecs.hpp"

namespace barnabas::record {

Result<Codec> codec_from_id(int id) {
  if (id < 0 || id > 4) return fail(Errc::unsupported_codec, "unknown compression codec " + std::to_string(id));
  return static_cast<Codec>(id);
}

std::string_view name_of(Codec codec) {
  switch (codec) {
    case Codec::none: return "none";
    case Codec::gzip: return "gzip";
    case Codec::snappy: return "snappy";
    case Codec::lz4: return "lz4";
    case Codec::zstd: return "zstd";
  }
  return "?";
}

std::optional<Codec> codec_named(std::string_view name) {
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    if (name_of(codec) == name) return codec;
  }
  return std::nullopt;
}

Buffer compress(Codec codec, ByteView data, const CompressionOptions& options) {
  B_CHECK_OP(data.size(), <=, std::size_t{std::numeric_limits<std::int32_t>::max()});
  switch (codec) {
    case Codec::none: return Buffer::copy_of(data);
    case Codec::gzip: return gzip_compress(data, options.level);
    case Codec::snappy: return snappy_compress(data);
    case Codec::lz4: return lz4_compress(data, options.level, options.lz4_checksum);
    case Codec::zstd: return zstd_compress(data, options.level);
  }
  return {};
}

Result<Buffer> decompress(Codec codec, ByteView data, std::size_t max_size, Lz4Checksum lz4_checksum) {
  switch (codec) {
    case Codec::none:
      if (data.size() > max_size) return fail(Errc::too_large, "more than " + std::to_string(max_size) + " bytes");
      return Buffer::copy_of(data);
    case Codec::gzip: return gzip_decompress(data, max_size);
    case Codec::snappy: return snappy_decompress(data, max_size);
    case Codec::lz4: return lz4_decompress(data, max_size, lz4_checksum);
    case Codec::zstd: return zstd_decompress(data, max_size);
  }
  return fail(Errc::unsupported_codec, "unknown compression codec");
}

}  // namespace barnabas::record
